import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { excerptOf } from "../configuration.ts";
import { type Fetch, fetchBounded, IdentitySourceUnavailableError } from "../fetch-bounded.ts";
import type { Issuer } from "./issuer.ts";

/** Options for requests to issuers. */
export interface DiscoveryOptions {
  readonly fetch: Fetch;
  /** Timeout in milliseconds for each complete response. @default 5000 */
  readonly timeout?: number;
}

const TIMEOUT_MILLISECONDS = 5000;
const MAX_RESPONSE_BYTES = 256 * 1024;
const MAX_KEYS = 100;

/**
 * Fetches the JSON Web Key Set of an issuer.
 * @throws IdentitySourceUnavailableError when the issuer is unreachable or responds with an unexpected document
 */
export async function fetchKeys(issuer: Issuer, options: DiscoveryOptions): Promise<JWTVerifyGetKey> {
  const url = issuer.jwksUrl ?? (await discoverJwksUrl(issuer, options));
  return createLocalJWKSet(parseKeySet(await fetchJsonObject(url, options), url));
}

/**
 * Fetches the key set URL from the discovery document. It must be on the issuer's own origin; otherwise the issuer could
 * direct the registry's requests to any address that the registry can reach (SSRF). A key set on another origin must be
 * configured as `jwksUrl`.
 */
async function discoverJwksUrl(issuer: Issuer, options: DiscoveryOptions): Promise<string> {
  const document = await fetchJsonObject(discoveryUrl(issuer.url), options);
  // https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationValidation: "The issuer value
  // returned MUST be identical to the Issuer URL that was used as the prefix"
  if (document["issuer"] !== issuer.url) {
    throw new IdentitySourceUnavailableError(
      `the discovery document of ${issuer.url} names another issuer: ${excerptOf(document["issuer"])}`,
    );
  }
  const text = document["jwks_uri"];
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || url.origin !== new URL(issuer.url).origin || url.username + url.password !== "") {
    throw new IdentitySourceUnavailableError(
      `${issuer.url} has a jwks_uri on another host, ${excerptOf(text)}: if that is intended, configure it as jwksUrl`,
    );
  }
  return url.href;
}

/**
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfigurationRequest: "If the Issuer value contains
 * a path component, any terminating / MUST be removed before appending /.well-known/openid-configuration"
 */
function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

async function fetchJsonObject(
  url: string,
  options: DiscoveryOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { fetch, timeout = TIMEOUT_MILLISECONDS } = options;
  const request = { url, headers: { accept: "application/json" }, maxBytes: MAX_RESPONSE_BYTES, timeout };
  try {
    const { status, text } = await fetchBounded(fetch, request);
    if (status !== 200) throw new IdentitySourceUnavailableError(`responded with status ${status}`);
    return parseObject(text);
  } catch (error) {
    if (!(error instanceof IdentitySourceUnavailableError)) throw error;
    throw new IdentitySourceUnavailableError(`${url}: ${error.message}`, error);
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value));
  } catch {
    // Invalid JSON gets the same error as JSON that is not an object.
  }
  throw new IdentitySourceUnavailableError("the response is not a JSON object");
}

function parseKeySet(value: Readonly<Record<string, unknown>>, url: string): JSONWebKeySet {
  const keys: unknown = value["keys"];
  if (Array.isArray(keys) && keys.length <= MAX_KEYS && keys.every(isKey)) return { keys };
  throw new IdentitySourceUnavailableError(`${url}: the response is not a JSON Web Key Set`);
}

/** Checks only the shape: jose checks whether a key is usable when a token selects the key. */
function isKey(value: unknown): value is JSONWebKeySet["keys"][number] {
  return typeof value === "object" && value !== null && "kty" in value && typeof value.kty === "string";
}
