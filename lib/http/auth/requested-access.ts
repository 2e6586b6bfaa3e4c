import { formatScope, type WireAction } from "../../auth/grants/scope.ts";
import { OciError } from "../../oci/errors.ts";
import { isRepositoryName, parseRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import type { HttpRequest } from "../message.ts";
import { type HostResolver, MALFORMED_HOST_MESSAGE, type PublicHost } from "../public-host.ts";
import type { Route } from "../routes.ts";
import { ChallengeError, type ChallengeOptions, createDeniedAccess } from "./challenge.ts";
import { requiredAction, scopeActionsOf } from "./required-access.ts";

/** The access that a request requires. */
export interface RequestedAccess {
  readonly host: PublicHost;
  readonly route: Route;
  readonly repository: RepositoryName | undefined;
  readonly action: WireAction | undefined;
  /** Whether the request mounts a blob. */
  readonly isMount: boolean;
  /** The repository to mount from, if the client names it. */
  readonly source: RepositoryName | undefined;
}

/**
 * Parses the access that a request requires.
 * @throws OciError `NAME_INVALID` for an invalid repository name, and a status of 400 without a valid host
 */
export function parseRequestedAccess(
  request: HttpRequest,
  route: Route,
  hostOf: HostResolver,
): RequestedAccess {
  const host = hostOf(request);
  if (host === undefined) {
    throw new OciError("UNSUPPORTED", { status: 400, message: MALFORMED_HOST_MESSAGE });
  }
  const action = requiredAction(route.resource, request.method);
  const repository = action === undefined ? undefined : parseRepositoryName(route.name);
  const query = new URLSearchParams(request.query);
  const isMount = route.resource === "uploads" && query.has("mount");
  return { host, route, repository, action, isMount, source: isMount ? mountSourceOf(query) : undefined };
}

/** Returns the scope that a token must contain for the request. */
function scopeOf({ route, repository, action, source }: RequestedAccess): string | undefined {
  if (route.resource === "catalog") return "registry:catalog:*";
  if (repository === undefined || action === undefined) return undefined;
  const target = formatScope(repository, scopeActionsOf(action));
  return source === undefined ? target : `${target} ${formatScope(source, ["pull"])}`;
}

function mountSourceOf(query: URLSearchParams): RepositoryName | undefined {
  const from = query.get("from") ?? "";
  return isRepositoryName(from) ? from : undefined;
}

/** Creates the challenge for the access that a request requires. */
export function createChallenge(
  requested: RequestedAccess,
  options: ChallengeOptions = {},
  cause?: unknown,
): ChallengeError {
  const { host, action, repository } = requested;
  const scope = scopeOf(requested);
  const access =
    action === undefined || repository === undefined ? undefined : createDeniedAccess(repository, action);
  return new ChallengeError(host, { ...options, access, ...(scope === undefined ? {} : { scope }) }, cause);
}
