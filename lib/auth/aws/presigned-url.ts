import { AUDIENCE_HEADER } from "../../ports/headers.ts";
import { CredentialsRefusedError } from "../authenticator.ts";
import { regionOfHost } from "./sts-host.ts";

/** A GetCallerIdentity that somebody has signed, in its parts: nothing of the text that was given is sent. */
export interface PresignedUrl {
  readonly host: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** After which STS would refuse it, and so do we. */
  readonly expires: Date;
}

/** Seconds. STS has this limit as well, whatever the URL says. */
const MAX_AGE = 15 * 60;
/** Seconds by which the signer's clock may be ahead. */
const TOLERANCE = 5 * 60;

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html: each once, and no others */
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
const OPTIONAL = "X-Amz-Security-Token";

/** Nothing but characters that need no interpretation: no user, port, fragment, escape or dot in a wrong place. */
const URL_FORM = /^https:\/\/(?<host>[a-z0-9.-]+)\/\?(?<query>[\w.~%&=-]+)$/;

/** @throws CredentialsRefusedError */
export function parsePresignedUrl(text: string, now: Date): PresignedUrl {
  const { host = "", query = "" } = URL_FORM.exec(text)?.groups ?? {};
  if (host === "") throw new CredentialsRefusedError("the AWS password holds no URL of the expected form");
  const region = regionOfHost(host);
  if (region === undefined)
    throw new CredentialsRefusedError(`the AWS password is for ${host}, which is not STS`);
  const parameters = parseParameters(query);
  const [, day, scope] = (parameters.get("X-Amz-Credential") ?? "").split("/");
  const date = parameters.get("X-Amz-Date") ?? "";
  if (scope !== region || !date.startsWith(`${day}T`)) {
    throw new CredentialsRefusedError("the AWS password is signed for another region or day than it names");
  }
  return { host, parameters, expires: expiryOf(date, Number(parameters.get("X-Amz-Expires")), now) };
}

function parseParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const pair of query.split("&")) {
    const [name = "", value = "", ...more] = pair.split("=");
    const decoded = decode(value);
    if (
      more.length > 0 ||
      parameters.has(name) ||
      decoded === undefined ||
      !PARAMETERS.get(name)?.test(decoded)
    ) {
      const known = PARAMETERS.has(name) ? name : "a parameter of another name";
      throw new CredentialsRefusedError(
        `the AWS password has ${known}, more than once or with a wrong value`,
      );
    }
    parameters.set(name, decoded);
  }
  const missing = [...PARAMETERS.keys()].find((name) => name !== OPTIONAL && !parameters.has(name));
  if (missing !== undefined) throw new CredentialsRefusedError(`the AWS password lacks ${missing}`);
  return parameters;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function expiryOf(date: string, lifetime: number, now: Date): Date {
  const signed = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  const age = (now.getTime() - signed) / 1000;
  if (Number.isNaN(age))
    throw new CredentialsRefusedError("the AWS password has an X-Amz-Date that never was");
  if (lifetime > MAX_AGE)
    throw new CredentialsRefusedError("the AWS password is meant to last longer than 15 minutes");
  if (age > lifetime) throw new CredentialsRefusedError("the AWS password has expired: make a new one");
  if (age < -TOLERANCE) {
    throw new CredentialsRefusedError("the AWS password is from the future: its maker's clock is ahead");
  }
  return new Date(signed + lifetime * 1000);
}

/** The URL from its parts. Order and escapes do not matter to the signature: it is over the parameters themselves. */
export function urlOf({ parameters }: PresignedUrl, origin: string): string {
  const pairs = [...parameters].map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${origin}/?${pairs.join("&")}`;
}
