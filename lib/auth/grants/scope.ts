import { isRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import type { Action } from "./actions.ts";

/** The actions in token scopes. `admin` is not among them: a token contains the actions that `admin` implies. */
export const WIRE_ACTIONS = ["pull", "push", "delete"] as const satisfies readonly Action[];

/** An action in the scope of a token. */
export type WireAction = (typeof WIRE_ACTIONS)[number];

/**
 * The scope of a token: actions on one repository, or the list of repositories.
 * @see https://distribution.github.io/distribution/spec/auth/scope/
 */
export type Scope =
  | { readonly type: "repository"; readonly name: RepositoryName; readonly actions: readonly WireAction[] }
  | { readonly type: "catalog" };

const MAX_SCOPES = 64;
const MAX_SCOPES_LENGTH = 8192;
const REPOSITORY_SCOPE = /^repository(?:\([a-z0-9]+\))?:(.+):([a-z*,]*)$/;

/** A request for more or longer scopes than one token can have. */
export class TooManyScopesError extends Error {
  constructor() {
    super(`too many scopes: at most ${MAX_SCOPES} scopes and ${MAX_SCOPES_LENGTH} characters in total`);
    this.name = "TooManyScopesError";
  }
}

/**
 * Parses scopes from several parameters, each of which may contain more than one. Unknown types and actions and invalid
 * repository names are ignored, so that no access is granted for them.
 * @returns at most one scope per repository
 * @throws TooManyScopesError
 */
export function parseScopes(parameters: readonly string[]): readonly Scope[] {
  const texts = parameters.flatMap((parameter) => parameter.split(" ")).filter((text) => text !== "");
  if (texts.length > MAX_SCOPES || parameters.join(" ").length > MAX_SCOPES_LENGTH)
    throw new TooManyScopesError();
  return merge(texts.flatMap(parseScope));
}

function parseScope(text: string): readonly Scope[] {
  if (text === "registry:catalog:*") return [{ type: "catalog" }];
  const [, name = "", list = ""] = REPOSITORY_SCOPE.exec(text) ?? [];
  if (!isRepositoryName(name)) return [];
  const requested = list.split(",");
  const actions = WIRE_ACTIONS.filter((action) => requested.includes(action) || requested.includes("*"));
  return [{ type: "repository", name, actions }];
}

/** Merges the scopes of each repository into one. */
function merge(scopes: readonly Scope[]): readonly Scope[] {
  const merged = new Map<string, Scope>();
  for (const scope of scopes) {
    const key = scope.type === "catalog" ? "" : scope.name;
    const earlier = merged.get(key);
    merged.set(key, earlier === undefined ? scope : union(earlier, scope));
  }
  return [...merged.values()];
}

function union(a: Scope, b: Scope): Scope {
  if (a.type === "catalog" || b.type === "catalog") return a;
  const actions = WIRE_ACTIONS.filter((action) => a.actions.includes(action) || b.actions.includes(action));
  return { ...a, actions };
}

/** Formats the scope of one repository. */
export function formatScope(name: RepositoryName, actions: readonly WireAction[]): string {
  return `repository:${name}:${actions.join(",")}`;
}
