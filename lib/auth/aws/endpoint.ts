import { excerptOf } from "../configuration.ts";
import { MalformedError } from "../malformed-error.ts";

const LOOPBACK = ["127.0.0.1", "[::1]", "localhost"];

/**
 * Where STS is reached instead of at its own hosts, as AWS_ENDPOINT_URL_STS tells all of AWS's tools: an interface of a
 * private network, say. Whoever answers there says who people are, so it must be https, or this machine itself.
 * @returns an origin; undefined when nothing is said
 * @throws MalformedError
 */
export function parseStsEndpoint(text = ""): string | undefined {
  if (text === "") return undefined;
  const url = URL.parse(text);
  if (url !== null && isOrigin(url) && isTrustworthy(url)) return url.origin;
  throw new MalformedError(
    `AWS_ENDPOINT_URL_STS is ${excerptOf(text)}: an https URL without a path is needed, or http on this machine`,
  );
}

function isOrigin({ href, origin }: URL): boolean {
  return href === `${origin}/`;
}

function isTrustworthy({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
}
