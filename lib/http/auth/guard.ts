import { CredentialsRefusedError } from "../../auth/authenticator.ts";
import { findGrant, grantsOf, ruleOf } from "../../auth/grants/grants.ts";
import { formatScope, type WireAction } from "../../auth/grants/scope.ts";
import { AUTHENTICATED } from "../../auth/grants/subject.ts";
import { ANONYMOUS, type Identity, isAnonymous } from "../../auth/identity.ts";
import type { AccessSnapshot } from "../../auth/snapshot.ts";
import type { TokenService } from "../../auth/tokens/token-service.ts";
import { type AccessClaims, GRACE, TokenRefusedError, type Tokens } from "../../auth/tokens/tokens.ts";
import { OciError } from "../../oci/errors.ts";
import { isRepositoryName, parseRepositoryName, type RepositoryName } from "../../oci/repository-name.ts";
import type { HttpRequest, HttpResponse } from "../message.ts";
import type { AudienceOf, HostOf, PublicHost } from "../public-host.ts";
import type { Route } from "../routes.ts";
import type { Audit } from "./audit.ts";
import { authorizationOf } from "./authorization.ts";
import type { Caller } from "./caller.ts";
import { ChallengeError, type ChallengeOptions, DeniedError } from "./challenge.ts";
import { requiredAction, scopeActions } from "./required-access.ts";

export interface GuardOptions {
  readonly tokens: Tokens;
  readonly service: TokenService;
  readonly audit: Audit;
  readonly hostOf: HostOf;
  readonly audienceOf: AudienceOf;
  access(): Promise<AccessSnapshot>;
  /** Whether everybody may do everything, since nobody has been given anything. */
  isOpen(): Promise<boolean>;
}

/** Stands between the finding of an endpoint and what it does. */
export type Guard = (
  request: HttpRequest,
  route: Route,
  handle: (request: HttpRequest) => Promise<HttpResponse>,
) => Promise<HttpResponse>;

/** What a request wants to do. */
interface Wish {
  readonly host: PublicHost;
  readonly route: Route;
  readonly repository: RepositoryName | undefined;
  readonly action: WireAction | undefined;
  /** Whether a blob is to be mounted, and where from, as far as the client says. */
  readonly isMount: boolean;
  readonly source: RepositoryName | undefined;
}

/**
 * Lets a request through to what it may do. Nothing is looked up in the repositories before, so that one that the
 * caller may not see and one that does not exist are answered alike.
 */
export function createGuard(options: GuardOptions): Guard {
  return async (request, route, handle) => {
    if (await options.isOpen()) return await handle(request);
    const wish = wishOf(request, route, options.hostOf);
    const caller = await callerOf(options, request, wish).catch((error: unknown) => {
      options.audit.denied(request, route, error);
      throw error;
    });
    const response = await handle({ ...request, caller });
    options.audit.answered(request, route, caller, response);
    return response;
  };
}

function wishOf(request: HttpRequest, route: Route, hostOf: HostOf): Wish {
  const host = hostOf(request);
  if (host === undefined) {
    throw new OciError("UNSUPPORTED", { status: 400, message: "the Host header is missing or malformed" });
  }
  const action = requiredAction(route.resource, request.method);
  const repository = action === undefined ? undefined : parseRepositoryName(route.name);
  const query = new URLSearchParams(request.query);
  const isMount = route.resource === "uploads" && query.has("mount");
  return { host, route, repository, action, isMount, source: isMount ? sourceOf(query) : undefined };
}

/** What a token must be for. */
function scopeOf({ route, repository, action, source }: Wish): string | undefined {
  if (route.resource === "catalog") return "registry:catalog:*";
  if (repository === undefined || action === undefined) return undefined;
  const target = formatScope(repository, scopeActions(action));
  return source === undefined ? target : `${target} ${formatScope(source, ["pull"])}`;
}

function sourceOf(query: URLSearchParams): RepositoryName | undefined {
  const from = query.get("from") ?? "";
  return isRepositoryName(from) ? from : undefined;
}

async function callerOf(options: GuardOptions, request: HttpRequest, wish: Wish): Promise<Caller> {
  const authorization = authorizationOf(request);
  switch (authorization.scheme) {
    case "bearer":
      return await byToken(options, authorization.token, wish);
    case "basic":
      return await bySecret(options, { ...authorization, audience: options.audienceOf(request) }, wish);
    case "none":
      return await byGrants(options, ANONYMOUS, wish);
    default:
      throw challenge(wish);
  }
}

interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly audience: string | undefined;
}

async function bySecret(
  options: GuardOptions,
  { username, password, audience }: Credentials,
  wish: Wish,
): Promise<Caller> {
  const identity = await options.service.signIn(username, password, audience).catch((error: unknown) => {
    throw error instanceof CredentialsRefusedError ? challenge(wish, {}, error) : error;
  });
  return await byGrants(options, identity, wish);
}

async function byGrants(options: GuardOptions, identity: Identity, wish: Wish): Promise<Caller> {
  const { action, repository } = wish;
  // Most clients begin so: nothing needs to be read to tell them to sign in.
  if (repository === undefined && isAnonymous(identity)) throw challenge(wish);
  const own = grantsOf((await options.access()).grants, identity);
  const mayPull = (name: RepositoryName) => findGrant(own, "pull", name) !== undefined;
  if (action === undefined || repository === undefined) return { name: identity.name, rule: "", mayPull };
  const grant = findGrant(own, action, repository);
  if (grant !== undefined) return { name: identity.name, rule: ruleOf(grant), mayPull };
  throw isAnonymous(identity) ? challenge(wish) : new DeniedError(identity.name);
}

async function byToken(options: GuardOptions, token: string, wish: Wish): Promise<Caller> {
  const grace = wish.route.resource === "upload" ? GRACE : 0;
  const claims = await options.tokens.verifyAccess(token, wish.host.host, grace).catch((error: unknown) => {
    if (!(error instanceof TokenRefusedError)) throw error;
    throw challenge(wish, { error: "invalid_token" }, error);
  });
  if (wish.route.resource === "catalog") return await byCatalog(options, claims, wish);
  const { action, repository } = wish;
  const mayPull = await pullableWith(options, claims, wish);
  if (action === undefined || repository === undefined) return { name: claims.sub, rule: "", mayPull };
  const entry = claims.access.find(({ name }) => name === repository);
  if (entry?.actions.includes(action)) {
    if (isNotAskedFor(claims, wish, mayPull)) throw challenge(wish, { error: "insufficient_scope" });
    return { name: claims.sub, rule: entry.rules?.join(", ") ?? "", mayPull };
  }
  const isRefused = entry?.refused?.includes(action) === true;
  if (isRefused && claims.sub !== ANONYMOUS.name) throw new DeniedError(claims.sub);
  throw challenge(wish, { error: "insufficient_scope" });
}

/** What is open to all of the token's kind needs no token for it. Only who mounts a blob has use for that. */
async function pullableWith(options: GuardOptions, claims: AccessClaims, { isMount }: Wish) {
  const subjects = claims.sub === ANONYMOUS.name ? [] : [AUTHENTICATED];
  const grants = isMount ? (await options.access()).grants : [];
  const common = grantsOf(grants, { name: claims.sub, subjects });
  return (repository: RepositoryName) =>
    claims.access.some(({ name, actions }) => name === repository && actions.includes("pull")) ||
    findGrant(common, "pull", repository) !== undefined;
}

/** Some clients ask only for what they are told to: they would never get to mount a blob. */
function isNotAskedFor({ access }: AccessClaims, { source }: Wish, mayPull: Caller["mayPull"]): boolean {
  if (source === undefined || mayPull(source)) return false;
  return !access.some(({ name, refused }) => name === source && refused?.includes("pull"));
}

async function byCatalog(options: GuardOptions, claims: AccessClaims, wish: Wish): Promise<Caller> {
  if (claims.catalog === undefined) throw challenge(wish, { error: "insufficient_scope" });
  const identity = { name: claims.sub, subjects: claims.catalog };
  const own = grantsOf((await options.access()).grants, identity);
  return { name: claims.sub, rule: "", mayPull: (name) => findGrant(own, "pull", name) !== undefined };
}

function challenge(wish: Wish, more: ChallengeOptions = {}, cause?: unknown): ChallengeError {
  const scope = scopeOf(wish);
  return new ChallengeError(wish.host, { ...more, ...(scope === undefined ? {} : { scope }) }, cause);
}
