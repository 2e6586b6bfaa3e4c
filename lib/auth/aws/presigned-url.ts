import { AUDIENCE_HEADER } from "../../ports/headers.ts";
import { CredentialsRejectedError } from "../authenticator.ts";
import { regionOfHost } from "./sts-host.ts";

/** The parts of a presigned GetCallerIdentity request, from which the URL is rebuilt: no text from the client is forwarded. */
export interface PresignedUrl {
  readonly host: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** The end of the signature's lifetime. */
  readonly expiresAt: Date;
}

/** The longest lifetime of a presigned request, which STS enforces too. */
const MAX_LIFETIME_SECONDS = 15 * 60;
/** Maximum number of seconds that the signer's clock may be ahead. */
const CLOCK_TOLERANCE_SECONDS = 5 * 60;

/**
 * The query parameters and the patterns of their values. Each must occur exactly once; other parameters are rejected.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
 */
const PARAMETERS: ReadonlyMap<string, RegExp> = new Map([
  ["Action", /^GetCallerIdentity$/],
  ["Version", /^2011-06-15$/],
  ["X-Amz-Algorithm", /^AWS4-HMAC-SHA256$/],
  ["X-Amz-Credential", /^\w{16,128}\/\d{8}\/[a-z0-9-]{1,32}\/sts\/aws4_request$/],
  ["X-Amz-Date", /^\d{8}T\d{6}Z$/],
  ["X-Amz-Expires", /^[1-9]\d{0,2}$/],
  ["X-Amz-Security-Token", /^[\w+/=-]{1,8192}$/],
  ["X-Amz-Signature", /^[0-9a-f]{64}$/],
  ["X-Amz-SignedHeaders", new RegExp(`^host;${AUDIENCE_HEADER}$`)],
]);
/** The only optional parameter: temporary credentials include a session token, long-term credentials do not. */
const OPTIONAL_PARAMETER = "X-Amz-Security-Token";

/** Only characters that all URL parsers interpret alike: no user, port or fragment, no escapes outside of the query. */
const URL_FORM = /^https:\/\/(?<host>[a-z0-9.-]+)\/\?(?<query>[\w.~%&=-]+)$/;

/**
 * Parses a presigned GetCallerIdentity URL and checks its host, parameters and lifetime. STS verifies the signature.
 * @throws CredentialsRejectedError
 */
export function parsePresignedUrl(text: string, now: Date): PresignedUrl {
  const { host = "", query = "" } = URL_FORM.exec(text)?.groups ?? {};
  if (host === "")
    throw new CredentialsRejectedError("the AWS password does not contain a URL of the expected form");
  const region = regionOfHost(host);
  if (region === undefined)
    throw new CredentialsRejectedError(`the AWS password is for ${host}, which is not an STS host`);
  const parameters = parseParameters(query);
  const [, day, scope] = (parameters.get("X-Amz-Credential") ?? "").split("/");
  const date = parameters.get("X-Amz-Date") ?? "";
  if (scope !== region || !date.startsWith(`${day}T`)) {
    throw new CredentialsRejectedError(
      "the AWS password's credential scope does not match the region of its STS host or its X-Amz-Date",
    );
  }
  return { host, parameters, expiresAt: expiryOf(date, Number(parameters.get("X-Amz-Expires")), now) };
}

function parseParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split("&")) {
    const [name = "", value = "", ...rest] = pair.split("=");
    const decoded = decode(value);
    if (
      rest.length > 0 ||
      parameters.has(name) ||
      decoded === undefined ||
      !PARAMETERS.get(name)?.test(decoded)
    ) {
      const fault = PARAMETERS.has(name)
        ? `a duplicate or invalid parameter: ${name}`
        : "an unknown parameter";
      throw new CredentialsRejectedError(`the AWS password has ${fault}`);
    }
    parameters.set(name, decoded);
  }
  const missing = [...PARAMETERS.keys()].find((name) => name !== OPTIONAL_PARAMETER && !parameters.has(name));
  if (missing !== undefined)
    throw new CredentialsRejectedError(`the AWS password lacks the parameter ${missing}`);
  return parameters;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Returns the expiry. @throws CredentialsRejectedError when the request has expired or is not valid yet */
function expiryOf(date: string, lifetime: number, now: Date): Date {
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const age = (now.getTime() - signed) / 1000;
  if (Number.isNaN(age))
    throw new CredentialsRejectedError("the AWS password has an X-Amz-Date that is not a valid time");
  if (lifetime > MAX_LIFETIME_SECONDS)
    throw new CredentialsRejectedError("the AWS password has a lifetime longer than 15 minutes");
  if (age > lifetime) throw new CredentialsRejectedError("the AWS password has expired: create a new one");
  if (age < -CLOCK_TOLERANCE_SECONDS) {
    throw new CredentialsRejectedError(
      "the AWS password has an X-Amz-Date in the future: the signer's clock is ahead",
    );
  }
  return new Date(signed + lifetime * 1000);
}

/**
 * Builds the URL to send to the origin. SigV4 signs the decoded and sorted parameters, so their order and escapes may
 * differ from the parsed URL.
 */
export function urlOf({ parameters }: PresignedUrl, origin: string): string {
  const pairs = [...parameters].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${origin}/?${pairs.join("&")}`;
}
