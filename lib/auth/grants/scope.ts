import { isRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import type { Action } from "./actions.ts";

/** What tokens are for. `admin` is no action of the wire. */
export const WIRE_ACTIONS = ["pull", "push", "delete"] as const satisfies readonly Action[];

export type WireAction = (typeof WIRE_ACTIONS)[number];

/** @see https://distribution.github.io/distribution/spec/auth/scope/ */
export type Scope =
  | { readonly type: "repository"; readonly name: RepositoryName; readonly actions: readonly WireAction[] }
  | { readonly type: "catalog" };

const MAX_SCOPES = 64;
const MAX_LENGTH = 8192;
const REPOSITORY = /^repository(?:\([a-z0-9]+\))?:(.+):([a-z*,]*)$/;

export class TooManyScopesError extends Error {
  constructor() {
    super(`at most ${MAX_SCOPES} scopes of ${MAX_LENGTH} characters together`);
    this.name = "TooManyScopesError";
  }
}

/**
 * Scopes that may come as several parameters, and several in one. Who asks for what nobody can have gets nothing for
 * it: unknown types, actions, and what is no repository's name.
 * @throws TooManyScopesError
 */
export function parseScopes(parameters: readonly string[]): readonly Scope[] {
  const texts = parameters.flatMap((parameter) => parameter.split(" ")).filter((text) => text !== "");
  if (texts.length > MAX_SCOPES || parameters.join(" ").length > MAX_LENGTH) throw new TooManyScopesError();
  return merge(texts.flatMap(parseScope));
}

function parseScope(text: string): readonly Scope[] {
  if (text === "registry:catalog:*") return [{ type: "catalog" }];
  const [, name = "", list = ""] = REPOSITORY.exec(text) ?? [];
  if (!isRepositoryName(name)) return [];
  const asked = list.split(",");
  const actions = WIRE_ACTIONS.filter((action) => asked.includes(action) || asked.includes("*"));
  return [{ type: "repository", name, actions }];
}

/** One scope for each repository. */
function merge(scopes: readonly Scope[]): readonly Scope[] {
  const merged = new Map<string, Scope>();
  for (const scope of scopes) {
    const key = scope.type === "catalog" ? "" : scope.name;
    const before = merged.get(key);
    merged.set(key, before === undefined ? scope : union(before, scope));
  }
  return [...merged.values()];
}

function union(a: Scope, b: Scope): Scope {
  if (a.type === "catalog" || b.type === "catalog") return a;
  const actions = WIRE_ACTIONS.filter((action) => a.actions.includes(action) || b.actions.includes(action));
  return { ...a, actions };
}

export function formatScope(name: RepositoryName, actions: readonly WireAction[]): string {
  return `repository:${name}:${actions.join(",")}`;
}
