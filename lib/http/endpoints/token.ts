import { CredentialsRejectedError } from "../../auth/authenticator.ts";
import { formatScope, parseScopes, TooManyScopesError } from "../../auth/grants/scope.ts";
import { ANONYMOUS, type Identity, isAnonymous } from "../../auth/identity.ts";
import type { IssuedToken, TokenService } from "../../auth/tokens/token-service.ts";
import { TokenRejectedError } from "../../auth/tokens/tokens.ts";
import { OciError } from "../../oci/errors.ts";
import type { Audit } from "../auth/audit.ts";
import { parseAuthorization } from "../auth/authorization.ts";
import { errorResponse, isDefect } from "../errors.ts";
import { readForm } from "../form.ts";
import { queryOf } from "../headers.ts";
import { type App, addHeaders, type HttpRequest, type HttpResponse, jsonResponse } from "../message.ts";
import { type AudienceResolver, type HostResolver, MALFORMED_HOST_MESSAGE } from "../public-host.ts";

/** The parts and the callbacks of the token endpoint. */
export interface TokenEndpointOptions {
  readonly service: TokenService;
  readonly audit: Audit;
  readonly hostOf: HostResolver;
  readonly audienceOf: AudienceResolver;
  /** Returns whether all requests are allowed, so that no tokens exist. */
  isOpen(): Promise<boolean>;
  /** Returns whether anonymous callers are denied a token. */
  requiresIdentity(request: HttpRequest): boolean;
  readonly onDefect: (error: unknown, request: HttpRequest) => void;
}

/** https://www.rfc-editor.org/rfc/rfc6749#section-5.1 */
const NO_STORE_HEADERS = { "cache-control": "no-store", pragma: "no-cache" };

/**
 * Adds the token endpoint `/token` to an app, in both forms that clients use: docs/request-handling.md#get-a-token
 * @see https://distribution.github.io/distribution/spec/auth/token/ for GET
 * @see https://distribution.github.io/distribution/spec/auth/oauth/ for POST
 */
export function withTokenEndpoint(app: App, options: TokenEndpointOptions): App {
  return async (request) => {
    if (request.path !== "/token") return await app(request);
    try {
      if (await options.isOpen()) return await app(request);
      return addHeaders(await handle(request, options), NO_STORE_HEADERS);
    } catch (error) {
      if (isDefect(error)) options.onDefect(error, request);
      return errorResponse(error);
    }
  };
}

async function handle(request: HttpRequest, options: TokenEndpointOptions): Promise<HttpResponse> {
  if (isAnonymousRequest(request) && options.requiresIdentity(request)) return unauthorized();
  switch (request.method) {
    case "GET":
      return await handleGet(request, options);
    case "POST":
      return await handlePost(request, options);
    default:
      return addHeaders(errorResponse(new OciError("UNSUPPORTED")), { allow: "GET, POST" });
  }
}

/** Returns whether a request has no credentials. A POST carries them in its form. */
function isAnonymousRequest(request: HttpRequest): boolean {
  return request.method !== "POST" && parseAuthorization(request).scheme === "none";
}

/** Parameters that are rejected in a query string, since servers, proxies and browsers log URLs. */
const CREDENTIAL_PARAMETERS = ["password", "refresh_token", "access_token", "client_secret"];

async function handleGet(request: HttpRequest, options: TokenEndpointOptions): Promise<HttpResponse> {
  const query = queryOf(request);
  if (CREDENTIAL_PARAMETERS.some((name) => query.has(name))) {
    throw new OciError("UNSUPPORTED", {
      status: 400,
      message:
        "credentials in the query string are not accepted: send them in the Authorization header or a form body",
    });
  }
  const tokenRequest = parseTokenRequest(request, query, query.get("offline_token") === "true", options);
  const identity = await authenticate(request, options);
  if (identity === undefined) return unauthorized();
  const issued = await options.service.issue(identity, tokenRequest);
  auditSignIn(request, options, issued, "password");
  return jsonResponse(200, { token: issued.token, ...bodyOf(issued) });
}

async function authenticate(
  request: HttpRequest,
  options: TokenEndpointOptions,
): Promise<Identity | undefined> {
  const authorization = parseAuthorization(request);
  if (authorization.scheme === "none") return ANONYMOUS;
  if (authorization.scheme !== "basic") return undefined;
  const { username, password } = authorization;
  return await auditRefusal(request, options, username, () =>
    options.service.signIn(username, password, options.audienceOf(request)),
  );
}

function unauthorized(): HttpResponse {
  const response = errorResponse(
    new OciError("UNAUTHORIZED", { message: "authentication failed: check the username and the secret" }),
  );
  return addHeaders(response, { "www-authenticate": 'Basic realm="dockless"' });
}

async function handlePost(request: HttpRequest, options: TokenEndpointOptions): Promise<HttpResponse> {
  const form = await readForm(request);
  if (form === undefined) return oauthError(400, "invalid_request");
  const grantType = form.get("grant_type");
  const identify = parseOAuthGrant(form, request, options);
  if (identify === undefined) {
    return oauthError(
      400,
      grantType === "password" || grantType === "refresh_token"
        ? "invalid_request"
        : "unsupported_grant_type",
    );
  }
  const isOffline = form.get("access_type") === "offline" || form.get("offline_token") === "true";
  const tokenRequest = parseTokenRequest(request, form, isOffline, options);
  const identity = await auditRefusal(request, options, form.get("username") ?? "", identify);
  if (identity === undefined) return oauthError(401, "invalid_grant");
  const issued = await options.service.issue(identity, tokenRequest);
  auditSignIn(request, options, issued, grantType ?? "");
  const refreshToken = form.get("refresh_token");
  const refreshField =
    grantType === "refresh_token" && refreshToken !== null ? { refresh_token: refreshToken } : {};
  return jsonResponse(200, {
    token_type: "Bearer",
    ...refreshField,
    ...bodyOf(issued),
    scope: scopesOf(issued),
  });
}

/**
 * Returns the authentication that an OAuth grant type requests; undefined when the type is unknown or lacks a field.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.3
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
function parseOAuthGrant(
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

/** Returns an error response: https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
function oauthError(status: number, error: string): HttpResponse {
  return jsonResponse(status, { error });
}

/** Parses the host and the scopes of a request. @throws OciError with 400 when they are malformed or too many */
function parseTokenRequest(
  request: HttpRequest,
  parameters: URLSearchParams,
  offline: boolean,
  { hostOf }: TokenEndpointOptions,
) {
  const host = hostOf(request)?.host;
  if (host === undefined) {
    throw new OciError("UNSUPPORTED", { status: 400, message: MALFORMED_HOST_MESSAGE });
  }
  try {
    return { host, offline, scopes: parseScopes(parameters.getAll("scope")) };
  } catch (error) {
    if (!(error instanceof TooManyScopesError)) throw error;
    throw new OciError("UNSUPPORTED", { status: 400, message: error.message });
  }
}

/** Authenticates, and logs rejected credentials: the client does not receive the reason. @returns undefined when rejected */
async function auditRefusal(
  request: HttpRequest,
  { audit }: TokenEndpointOptions,
  username: string,
  identify: () => Promise<Identity>,
): Promise<Identity | undefined> {
  try {
    return await identify();
  } catch (error) {
    if (!(error instanceof CredentialsRejectedError || error instanceof TokenRejectedError)) throw error;
    audit.logRefusedCredentials(request, username, error.message);
    return undefined;
  }
}

function auditSignIn(
  request: HttpRequest,
  { audit }: TokenEndpointOptions,
  issued: IssuedToken,
  grantType: string,
): void {
  if (!isAnonymous(issued.identity))
    audit.logSignIn(request, issued.identity.name, grantType, scopesOf(issued));
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
