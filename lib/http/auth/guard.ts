import { CredentialsRefusedError } from "../../auth/authenticator.ts";
import type { IndexedAccess } from "../../auth/cached-access.ts";
import { AUTHENTICATED_GRANTEE } from "../../auth/grants/grantee.ts";
import { grantNameOf } from "../../auth/grants/grants.ts";
import { ANONYMOUS, type Identity, isAnonymous } from "../../auth/identity.ts";
import type { TokenService } from "../../auth/tokens/token-service.ts";
import {
  type AccessClaims,
  TOKEN_GRACE_SECONDS,
  TokenRefusedError,
  type Tokens,
} from "../../auth/tokens/tokens.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import type { HttpRequest, HttpResponse } from "../message.ts";
import type { AudienceResolver, HostResolver } from "../public-host.ts";
import type { Route } from "../routes.ts";
import type { Audit } from "./audit.ts";
import { parseAuthorization } from "./authorization.ts";
import { type Caller, createCatalogCaller } from "./caller.ts";
import { createDeniedAccess, DeniedError } from "./challenge.ts";
import { createChallenge, parseRequestedAccess, type RequestedAccess } from "./requested-access.ts";

/** The parts and the configuration of a guard. */
export interface GuardOptions {
  readonly tokens: Tokens;
  readonly service: TokenService;
  readonly audit: Audit;
  readonly hostOf: HostResolver;
  readonly audienceOf: AudienceResolver;
  access(): Promise<IndexedAccess>;
  /** Returns whether all requests are allowed, since no access configuration exists. */
  isOpen(): Promise<boolean>;
  /** Returns whether anonymous callers are challenged, whatever the grants to `anonymous` are. */
  requiresIdentity(request: HttpRequest): boolean;
}

/** Authorizes a request after it was routed, and calls its handler. */
export type Guard = (
  request: HttpRequest,
  route: Route,
  handle: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>;

/**
 * Creates a guard that calls the handler of authorized requests only. It reads nothing of the repositories, so that the
 * responses for a repository without access and for one that does not exist are the same.
 */
export function createGuard(options: GuardOptions): Guard {
  return async (request, route, handle) => {
    if (await options.isOpen()) return await handleAudited(options, request, route, OPEN_CALLER, handle);
    const requested = parseRequestedAccess(request, route, options.hostOf);
    const caller = await authorizeCaller(options, request, requested).catch((error: unknown) => {
      options.audit.logDenial(request, route, error);
      throw error;
    });
    return await handleAudited(options, { ...request, caller }, route, caller, handle);
  };
}

/** The caller in the audit log while all requests are allowed. */
const OPEN_CALLER = { name: ANONYMOUS.name, grant: "" };

async function handleAudited(
  { audit }: GuardOptions,
  request: HttpRequest,
  route: Route,
  caller: Pick<Caller, "name" | "grant">,
  handle: (request: HttpRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const response = await handle(request);
  audit.logChange(request, route, caller, response);
  return response;
}

/** Authorizes a request, and rejects an anonymous caller, even with a token, where an identity is required. */
async function authorizeCaller(
  options: GuardOptions,
  request: HttpRequest,
  requested: RequestedAccess,
): Promise<Caller> {
  const caller = await authorize(options, request, requested);
  if (caller.name === ANONYMOUS.name && options.requiresIdentity(request)) throw createChallenge(requested);
  return caller;
}

async function authorize(
  options: GuardOptions,
  request: HttpRequest,
  requested: RequestedAccess,
): Promise<Caller> {
  const authorization = parseAuthorization(request);
  switch (authorization.scheme) {
    case "bearer":
      return await authorizeToken(options, authorization.token, requested);
    case "basic":
      return await authorizeCredentials(
        options,
        { ...authorization, audience: options.audienceOf(request) },
        requested,
      );
    case "none":
      return await authorizeIdentity(options, ANONYMOUS, requested);
    default:
      throw createChallenge(requested);
  }
}

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly audience: string | undefined;
}

async function authorizeCredentials(
  options: GuardOptions,
  { username, password, audience }: Credentials,
  requested: RequestedAccess,
): Promise<Caller> {
  const identity = await options.service.signIn(username, password, audience).catch((error: unknown) => {
    throw error instanceof CredentialsRefusedError ? createChallenge(requested, {}, error) : error;
  });
  return await authorizeIdentity(options, identity, requested);
}

async function authorizeIdentity(
  options: GuardOptions,
  identity: Identity,
  requested: RequestedAccess,
): Promise<Caller> {
  const { action, repository } = requested;
  // Most clients send their first request without credentials: the challenge needs no read of the store.
  if (repository === undefined && isAnonymous(identity)) throw createChallenge(requested);
  const ownGrants = (await options.access()).grantIndex.of(identity);
  if (requested.route.resource === "catalog") return createCatalogCaller(identity.name, ownGrants);
  const canPull = (name: RepositoryName) => ownGrants.find("pull", name) !== undefined;
  const caller = {
    ...{ name: identity.name, grant: "", canPull },
    mountSources: ownGrants.coversAll("pull") ? undefined : [],
  };
  if (action === undefined || repository === undefined) return caller;
  const grant = ownGrants.find(action, repository);
  if (grant !== undefined) return { ...caller, grant: grantNameOf(grant) };
  if (isAnonymous(identity)) throw createChallenge(requested);
  throw new DeniedError(identity.name, createDeniedAccess(repository, action));
}

async function authorizeToken(
  options: GuardOptions,
  token: string,
  requested: RequestedAccess,
): Promise<Caller> {
  const grace = requested.route.resource === "upload" ? TOKEN_GRACE_SECONDS : 0;
  const claims = await options.tokens
    .verifyAccess(token, requested.host.host, grace)
    .catch((error: unknown) => {
      if (!(error instanceof TokenRefusedError)) throw error;
      throw createChallenge(requested, { error: "invalid_token" }, error);
    });
  if (requested.route.resource === "catalog") return await authorizeCatalog(options, claims, requested);
  const { action, repository } = requested;
  const caller = { name: claims.sub, grant: "", ...(await createPullCheck(options, claims, requested)) };
  if (action === undefined || repository === undefined) return caller;
  const entry = claims.access.find(({ name }) => name === repository);
  if (entry?.actions.includes(action)) {
    if (isMountScopeMissing(claims, requested, caller.canPull))
      throw createChallenge(requested, { error: "insufficient_scope" });
    return { ...caller, grant: entry.rules?.join(", ") ?? "" };
  }
  const isRefused = entry?.refused?.includes(action) === true;
  if (isRefused && claims.sub !== ANONYMOUS.name)
    throw new DeniedError(claims.sub, createDeniedAccess(repository, action));
  throw createChallenge(requested, { error: "insufficient_scope" });
}

/**
 * Returns what a token may be used to mount from: its scopes, and the grants to `anonymous` and, unless the token is
 * anonymous, to `authenticated`. Only a mount needs those grants, so only a mount reads them.
 */
async function createPullCheck(
  options: GuardOptions,
  claims: AccessClaims,
  { isMount }: RequestedAccess,
): Promise<Pick<Caller, "canPull" | "mountSources">> {
  const grantees = claims.sub === ANONYMOUS.name ? [] : [AUTHENTICATED_GRANTEE];
  const sharedGrants = isMount
    ? (await options.access()).grantIndex.of({ name: claims.sub, grantees })
    : undefined;
  const readable = claims.access.flatMap(({ name, actions }) => (actions.includes("pull") ? [name] : []));
  return {
    canPull: (name) => readable.includes(name) || sharedGrants?.find("pull", name) !== undefined,
    mountSources: sharedGrants?.coversAll("pull") ? undefined : readable,
  };
}

/**
 * Returns whether the token was requested without the scope of the mount's source. Some clients request only the scopes
 * of the challenge, so without another challenge they could never mount a blob.
 */
function isMountScopeMissing(
  { access }: AccessClaims,
  { source }: RequestedAccess,
  canPull: Caller["canPull"],
): boolean {
  if (source === undefined || canPull(source)) return false;
  return !access.some(({ name, refused }) => name === source && refused?.includes("pull"));
}

async function authorizeCatalog(
  options: GuardOptions,
  claims: AccessClaims,
  requested: RequestedAccess,
): Promise<Caller> {
  if (claims.catalog === undefined) throw createChallenge(requested, { error: "insufficient_scope" });
  const identity: Identity = { name: claims.sub, grantees: claims.catalog };
  return createCatalogCaller(claims.sub, (await options.access()).grantIndex.of(identity));
}
