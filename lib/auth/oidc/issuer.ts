import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { excerptOf, fieldsOf, parseText, parseTexts } from "../configuration.ts";
import { MalformedError } from "../malformed-error.ts";

/** An OIDC issuer whose tokens are accepted. */
export type Issuer = {
  /** The exact value of `iss` in the issuer's tokens. */
  readonly url: string;
  /** The accepted audiences: the `aud` of a token must contain one of them. */
  readonly audiences: readonly string[];
  /** The URL of the issuer's key set, which overrides the URL in the discovery document. */
  readonly jwksUrl?: string;
};

/** Returns the key of a stored issuer. */
export function issuerKey(url: string): Key<Issuer> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.issuer}${url}` };
}

/** Parses an issuer of an access file. @throws MalformedError */
export function parseIssuer(value: unknown): Issuer {
  const fields = fieldsOf(value, "an issuer", ["url", "audiences", "jwksUrl"]);
  const jwksUrl = fields.get("jwksUrl");
  return {
    url: parseIssuerUrl(fields.get("url")),
    audiences: parseTexts(fields.get("audiences"), "the audiences of an issuer"),
    ...(jwksUrl === undefined ? {} : { jwksUrl: parseJwksUrl(jwksUrl) }),
  };
}

/**
 * https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata: "URL using the https scheme with no query
 * or fragment components"
 */
function parseIssuerUrl(value: unknown): string {
  const text = parseText(value, "the url of an issuer");
  const url = URL.parse(text);
  const isPlain = url !== null && url.search === "" && !text.includes("?") && !text.includes("%");
  if (isPlain && isCanonical(url, text) && isSecure(url)) return text;
  throw new MalformedError(
    `${excerptOf(text)} is not a valid issuer: use the https URL in the iss claim of its tokens, without userinfo, query or fragment`,
  );
}

function parseJwksUrl(value: unknown): string {
  const text = parseText(value, "the jwksUrl of an issuer");
  const url = URL.parse(text);
  if (url !== null && isCanonical(url, text) && isSecure(url)) return text;
  throw new MalformedError(
    `${excerptOf(text)} is not a valid jwksUrl: use an https URL without userinfo or fragment`,
  );
}

/** Returns whether the URL is in canonical form: no upper case in the host, no default port, no `..`, no credentials. */
function isCanonical(url: URL, text: string): boolean {
  const isUnchanged = url.href === text || url.href === `${text}/`;
  return isUnchanged && url.username === "" && url.password === "" && !text.includes("#");
}

/** Returns whether the URL is https, or http on a loopback address: plain HTTP does not authenticate the server. */
function isSecure({ protocol, hostname }: URL): boolean {
  const isLoopback = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && isLoopback);
}
