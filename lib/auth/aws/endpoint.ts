import { excerptOf } from "../configuration.ts";
import { MalformedError } from "../malformed-error.ts";

const LOOPBACK_HOSTS = ["127.0.0.1", "[::1]", "localhost"];

/**
 * Parses AWS_ENDPOINT_URL_STS, the variable with which all AWS tools replace the STS hosts, for example with a VPC endpoint.
 * Its responses decide who is authenticated, so it must be https or on a loopback address.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 * @returns an origin; undefined when the variable is not set
 * @throws MalformedError when it is not an origin, or neither https nor loopback
 */
export function parseStsEndpoint(text = ""): string | undefined {
  if (text === "") return undefined;
  const url = URL.parse(text);
  if (url !== null && isOrigin(url) && isSecure(url)) return url.origin;
  throw new MalformedError(
    `invalid AWS_ENDPOINT_URL_STS ${excerptOf(text)}: use an https URL without a path, or http on a loopback address`,
  );
}

function isOrigin({ href, origin }: URL): boolean {
  return href === `${origin}/`;
}

function isSecure({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && LOOPBACK_HOSTS.includes(hostname));
}
