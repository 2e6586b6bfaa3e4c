import { CredentialsRefusedError } from "../../auth/authenticator.ts";
import { formatScope, parseScopes, TooManyScopesError } from "../../auth/grants/scope.ts";
import { ANONYMOUS, type Identity, isAnonymous } from "../../auth/identity.ts";
import type { IssuedToken, TokenService } from "../../auth/tokens/token-service.ts";
import { TokenRefusedError } from "../../auth/tokens/tokens.ts";
import { OciError } from "../../oci/errors.ts";
import type { Audit } from "../auth/audit.ts";
import { authorizationOf } from "../auth/authorization.ts";
import { errorResponse, isDefect } from "../errors.ts";
import { readForm } from "../form.ts";
import { queryOf } from "../headers.ts";
import { type App, type HttpRequest, type HttpResponse, json } from "../message.ts";
import type { AudienceOf, HostOf } from "../public-host.ts";

export interface TokenEndpointOptions {
  readonly service: TokenService;
  readonly audit: Audit;
  readonly hostOf: HostOf;
  readonly audienceOf: AudienceOf;
  isOpen(): Promise<boolean>;
  readonly onDefect: (error: unknown, request: HttpRequest) => void;
}

const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" };

/**
 * Answers `/token` in both forms that clients use: docs/request-handling.md#get-a-token
 * @see https://distribution.github.io/distribution/spec/auth/token/ for GET
 * @see https://distribution.github.io/distribution/spec/auth/oauth/ for POST
 */
export function withTokenEndpoint(app: App, options: TokenEndpointOptions): App {
  return async (request) => {
    if (request.path !== "/token") return await app(request);
    try {
      if (await options.isOpen()) return await app(request);
      const { status, headers, body } = await answer(request, options);
      return { status, headers: { ...headers, ...NO_STORE }, ...(body === undefined ? {} : { body }) };
    } catch (error) {
      if (isDefect(error)) options.onDefect(error, request);
      return errorResponse(error);
    }
  };
}

async function answer(request: HttpRequest, options: TokenEndpointOptions): Promise<HttpResponse> {
  switch (request.method) {
    case "GET":
      return await answerGet(request, options);
    case "POST":
      return await answerPost(request, options);
    default: {
      const response = errorResponse(new OciError("UNSUPPORTED"));
      return { ...response, headers: { ...response.headers, allow: "GET, POST" } };
    }
  }
}

/** Logs and histories keep the addresses of requests. */
const NOT_IN_QUERY = ["password", "refresh_token", "access_token", "client_secret"];

async function answerGet(request: HttpRequest, options: TokenEndpointOptions): Promise<HttpResponse> {
  const query = queryOf(request);
  if (NOT_IN_QUERY.some((name) => query.has(name))) {
    throw new OciError("UNSUPPORTED", { status: 400, message: "credentials do not belong in a query" });
  }
  const wanted = wantedOf(request, query, query.get("offline_token") === "true", options);
  const identity = await identityOf(request, options);
  if (identity === undefined) return unauthorized();
  const issued = await options.service.issue(identity, wanted);
  noteSignIn(request, options, issued, "password");
  return json(200, { token: issued.token, ...bodyOf(issued) });
}

async function identityOf(
  request: HttpRequest,
  options: TokenEndpointOptions,
): Promise<Identity | undefined> {
  const authorization = authorizationOf(request);
  if (authorization.scheme === "none") return ANONYMOUS;
  if (authorization.scheme !== "basic") return undefined;
  const { username, password } = authorization;
  return await unlessRefused(request, options, () =>
    options.service.signIn(username, password, options.audienceOf(request)),
  );
}

function unauthorized(): HttpResponse {
  const response = errorResponse(new OciError("UNAUTHORIZED", { message: "the credentials were refused" }));
  return { ...response, headers: { ...response.headers, "www-authenticate": 'Basic realm="dockless"' } };
}

async function answerPost(request: HttpRequest, options: TokenEndpointOptions): Promise<HttpResponse> {
  const form = await readForm(request);
  if (form === undefined) return oauthError(400, "invalid_request");
  const how = form.get("grant_type");
  const work = grantOf(form, request, options);
  if (work === undefined) {
    return oauthError(
      400,
      how === "password" || how === "refresh_token" ? "invalid_request" : "unsupported_grant_type",
    );
  }
  const isOffline = form.get("access_type") === "offline" || form.get("offline_token") === "true";
  const wanted = wantedOf(request, form, isOffline, options);
  const identity = await unlessRefused(request, options, work);
  if (identity === undefined) return oauthError(401, "invalid_grant");
  const issued = await options.service.issue(identity, wanted);
  noteSignIn(request, options, issued, how ?? "");
  const refreshToken = form.get("refresh_token");
  const kept = how === "refresh_token" && refreshToken !== null ? { refresh_token: refreshToken } : {};
  return json(200, { token_type: "Bearer", ...kept, ...bodyOf(issued), scope: scopesOf(issued) });
}

/** RFC 6749, sections 4.3 and 6 */
function grantOf(
  form: URLSearchParams,
  request: HttpRequest,
  { service, hostOf, audienceOf }: TokenEndpointOptions,
): (() => Promise<Identity>) | undefined {
  const field = (name: string) => form.get(name) ?? "";
  switch (form.get("grant_type")) {
    case "password":
      return field("password") === ""
        ? undefined
        : () => service.signIn(field("username"), field("password"), audienceOf(request));
    case "refresh_token":
      return field("refresh_token") === ""
        ? undefined
        : () => service.resume(field("refresh_token"), hostOf(request)?.host ?? "");
    default:
      return undefined;
  }
}

/** RFC 6749, section 5.2 */
function oauthError(status: number, error: string): HttpResponse {
  return json(status, { error });
}

function wantedOf(
  request: HttpRequest,
  parameters: URLSearchParams,
  offline: boolean,
  { hostOf }: TokenEndpointOptions,
) {
  const host = hostOf(request)?.host;
  if (host === undefined) {
    throw new OciError("UNSUPPORTED", { status: 400, message: "the Host header is missing or malformed" });
  }
  try {
    return { host, offline, scopes: parseScopes(parameters.getAll("scope")) };
  } catch (error) {
    if (!(error instanceof TooManyScopesError)) throw error;
    throw new OciError("UNSUPPORTED", { status: 400, message: error.message });
  }
}

/** Why they are refused is for the log alone. */
async function unlessRefused(
  request: HttpRequest,
  { audit }: TokenEndpointOptions,
  work: () => Promise<Identity>,
): Promise<Identity | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CredentialsRefusedError || error instanceof TokenRefusedError)) throw error;
    audit.refused(request, error.message);
    return undefined;
  }
}

function noteSignIn(
  request: HttpRequest,
  { audit }: TokenEndpointOptions,
  issued: IssuedToken,
  how: string,
): void {
  if (!isAnonymous(issued.identity)) audit.signedIn(request, issued.identity.name, how, scopesOf(issued));
}

function bodyOf({ token, expiresIn, issuedAt, refreshToken }: IssuedToken) {
  return {
    access_token: token,
    expires_in: expiresIn,
    issued_at: issuedAt.toISOString(),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
  };
}

function scopesOf({ access }: IssuedToken): string {
  return access
    .filter(({ actions }) => actions.length > 0)
    .map(({ name, actions }) => formatScope(name, actions))
    .join(" ");
}
