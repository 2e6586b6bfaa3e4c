import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { ask, type Fetch, IdentitySourceUnavailableError } from "../ask.ts";
import { excerptOf } from "../configuration.ts";
import type { Issuer } from "./issuer.ts";

export interface DiscoveryOptions {
  readonly fetch: Fetch;
  /** Milliseconds for each of both answers. */
  readonly timeout?: number;
}

const TIMEOUT = 5000;
const MAX_BYTES = 256 * 1024;
const MAX_KEYS = 100;

/**
 * The keys of an issuer, from the issuer.
 * @throws IdentitySourceUnavailableError
 */
export async function fetchKeys(issuer: Issuer, options: DiscoveryOptions): Promise<JWTVerifyGetKey> {
  const url = issuer.jwksUrl ?? (await discoverJwksUrl(issuer, options));
  return createLocalJWKSet(parseKeySet(await askForJson(url, options), url));
}

/**
 * Only the issuer's own host is asked: otherwise the issuer's word would lead the registry to any address that the
 * registry can reach. Keys that lie elsewhere are configured as `jwksUrl`.
 */
async function discoverJwksUrl(issuer: Issuer, options: DiscoveryOptions): Promise<string> {
  const document = await askForJson(discoveryUrl(issuer.url), options);
  // openid-connect-discovery-1_0.html#ProviderConfigurationValidation: MUST be identical
  if (document["issuer"] !== issuer.url) {
    throw new IdentitySourceUnavailableError(
      `the discovery document of ${issuer.url} is that of ${excerptOf(document["issuer"])}`,
    );
  }
  const text = document["jwks_uri"];
  const url = typeof text === "string" ? URL.parse(text) : null;
  if (url === null || url.origin !== new URL(issuer.url).origin || url.username + url.password !== "") {
    throw new IdentitySourceUnavailableError(
      `${issuer.url} has its keys at ${excerptOf(text)}, which is not on its own host: if that is right, say so by jwksUrl`,
    );
  }
  return url.href;
}

/** openid-connect-discovery-1_0.html#ProviderConfigurationRequest: a slash at the end goes first */
function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
}

async function askForJson(
  url: string,
  options: DiscoveryOptions,
): Promise<Readonly<Record<string, unknown>>> {
  const { fetch, timeout = TIMEOUT } = options;
  const question = { url, headers: { accept: "application/json" }, maxBytes: MAX_BYTES, timeout };
  try {
    const { status, text } = await ask(fetch, question);
    if (status !== 200) throw new IdentitySourceUnavailableError(`it answers with ${status}`);
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
    // Not JSON is no object either.
  }
  throw new IdentitySourceUnavailableError("it answers with no JSON object");
}

function parseKeySet(value: Readonly<Record<string, unknown>>, url: string): JSONWebKeySet {
  const keys: unknown = value["keys"];
  if (Array.isArray(keys) && keys.length <= MAX_KEYS && keys.every(isKey)) return { keys };
  throw new IdentitySourceUnavailableError(`${url}: it answers with no set of keys`);
}

/** Whether a key can be used at all is looked at when it is. */
function isKey(value: unknown): value is JSONWebKeySet["keys"][number] {
  return typeof value === "object" && value !== null && "kty" in value && typeof value.kty === "string";
}
