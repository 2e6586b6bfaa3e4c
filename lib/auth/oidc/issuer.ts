import { ACCESS_SORT, PARTITIONS } from "../../ports/record-keys.ts";
import type { Key } from "../../ports/record-store.ts";
import { excerptOf, fieldsOf, parseText, parseTexts } from "../configuration.ts";
import { MalformedError } from "../malformed-error.ts";

/** Somebody whose OIDC tokens are accepted. */
export type Issuer = {
  /** What the tokens' `iss` says, to the character. */
  readonly url: string;
  /** Who a token must be meant for: one of these is in its `aud`. */
  readonly audiences: readonly string[];
  /** Where its keys are, if not where its discovery document says. */
  readonly jwksUrl?: string;
};

export function issuerKey(url: string): Key<Issuer> {
  return { partition: PARTITIONS.access, sort: `${ACCESS_SORT.issuer}${url}` };
}

/** @throws MalformedError */
export function parseIssuer(value: unknown): Issuer {
  const fields = fieldsOf(value, "an issuer", ["url", "audiences", "jwksUrl"]);
  const jwksUrl = fields.get("jwksUrl");
  return {
    url: parseIssuerUrl(fields.get("url")),
    audiences: parseTexts(fields.get("audiences"), "the audiences of an issuer"),
    ...(jwksUrl === undefined ? {} : { jwksUrl: parseJwksUrl(jwksUrl) }),
  };
}

/** @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata: no query, no fragment */
function parseIssuerUrl(value: unknown): string {
  const text = parseText(value, "the url of an issuer");
  const url = URL.parse(text);
  const isPlain = url !== null && url.search === "" && !text.includes("?") && !text.includes("%");
  if (isPlain && isCanonical(url, text) && isTrustworthy(url)) return text;
  throw new MalformedError(
    `${excerptOf(text)} is no issuer: an https URL as in the tokens' iss, without user, query or fragment`,
  );
}

function parseJwksUrl(value: unknown): string {
  const text = parseText(value, "the jwksUrl of an issuer");
  const url = URL.parse(text);
  if (url !== null && isCanonical(url, text) && isTrustworthy(url)) return text;
  throw new MalformedError(`${excerptOf(text)} is no place of keys: an https URL without user or fragment`);
}

/** Written in the one way in which a URL is written: no upper case in the host, no default port, no `..`. */
function isCanonical(url: URL, text: string): boolean {
  const isAsWritten = url.href === text || url.href === `${text}/`;
  return isAsWritten && url.username === "" && url.password === "" && !text.includes("#");
}

/** What comes over plain HTTP could be anybody's, but for this machine itself. */
function isTrustworthy({ protocol, hostname }: URL): boolean {
  const isLoopback = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  return protocol === "https:" || (protocol === "http:" && isLoopback);
}
