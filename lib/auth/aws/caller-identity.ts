import { AUDIENCE_HEADER } from "../../ports/headers.ts";
import { ask, type Fetch, IdentitySourceUnavailableError } from "../ask.ts";
import { CredentialsRefusedError } from "../authenticator.ts";
import { lineOf } from "../configuration.ts";
import { type PresignedUrl, urlOf } from "./presigned-url.ts";
import { type AwsPrincipal, parsePrincipal } from "./principal.ts";

export interface StsOptions {
  readonly fetch: Fetch;
  /** The registry's own host, as it is configured: never one that a client names. */
  readonly audience: string;
  /** Where a host of STS is reached. @default `https://` and the host */
  endpoint?(host: string): string;
  /** Milliseconds. */
  readonly timeout?: number;
}

const TIMEOUT = 5000;
const MAX_BYTES = 64 * 1024;

/**
 * Has STS check the signature, and say whose it is.
 * @throws CredentialsRefusedError when STS refuses it
 * @throws IdentitySourceUnavailableError when STS does not answer
 */
export async function getCallerIdentity(presigned: PresignedUrl, options: StsOptions): Promise<AwsPrincipal> {
  const { fetch, audience, timeout = TIMEOUT, endpoint = (host) => `https://${host}` } = options;
  const { status, text } = await ask(fetch, {
    url: urlOf(presigned, endpoint(presigned.host)),
    headers: { accept: "application/json", [AUDIENCE_HEADER]: audience },
    maxBytes: MAX_BYTES,
    timeout,
  }).catch((error: unknown) => {
    throw error instanceof IdentitySourceUnavailableError
      ? unavailable(presigned, error.message, error)
      : error;
  });
  if (status === 429 || status >= 500) throw unavailable(presigned, `it answers with ${status}`);
  if (status !== 200)
    throw new CredentialsRefusedError(`STS refuses the AWS password (${status} ${codeIn(text)})`);
  const principal = parseAnswer(text);
  if (principal === undefined) throw unavailable(presigned, "its answer names no principal");
  return principal;
}

function unavailable({ host }: PresignedUrl, why: string, cause?: unknown): IdentitySourceUnavailableError {
  return new IdentitySourceUnavailableError(`${host}: ${why}`, cause);
}

/** JSON was asked for, so nothing else is an answer: XML has too many ways to say two things at once. */
function parseAnswer(text: string): AwsPrincipal | undefined {
  const result = fieldIn(fieldIn(parseJson(text), "GetCallerIdentityResponse"), "GetCallerIdentityResult");
  const [arn, account, userId] = ["Arn", "Account", "UserId"].map((name) => fieldIn(result, name));
  if (typeof arn !== "string" || typeof userId !== "string" || userId === "") return undefined;
  const principal = parsePrincipal(arn);
  return principal?.account === account ? principal : undefined;
}

/** The code of an error: SignatureDoesNotMatch, ExpiredToken. */
function codeIn(text: string): string {
  const code = fieldIn(fieldIn(parseJson(text), "Error"), "Code");
  return typeof code === "string" ? lineOf(code) : "without a code";
}

function fieldIn(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
