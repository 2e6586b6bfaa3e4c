import { AUDIENCE_HEADER } from "../../ports/headers.ts";
import { CredentialsRejectedError } from "../authenticator.ts";
import { toSingleLine } from "../configuration.ts";
import { type Fetch, fetchBounded, IdentitySourceUnavailableError } from "../fetch-bounded.ts";
import { type PresignedUrl, urlOf } from "./presigned-url.ts";
import { type AwsPrincipal, parsePrincipal } from "./principal.ts";

/** The connection to STS. */
export interface StsOptions {
  readonly fetch: Fetch;
  /** The registry's configured host, for which the presigned request must be signed. It must not come from the client. */
  readonly audience: string;
  /** Returns the origin at which to reach an STS host. @default `https://` and the host */
  endpoint?(host: string): string;
  /** Timeout in milliseconds for the complete response. @default 5000 */
  readonly timeout?: number;
}

const TIMEOUT_MILLISECONDS = 5000;
const MAX_RESPONSE_BYTES = 64 * 1024;

/**
 * Sends the presigned request to STS, which verifies the signature and returns the principal that signed it.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 * @throws CredentialsRejectedError when STS rejects the request
 * @throws IdentitySourceUnavailableError when STS is unreachable, throttles, or responds with an unexpected body
 */
export async function getCallerIdentity(presigned: PresignedUrl, options: StsOptions): Promise<AwsPrincipal> {
  const { fetch, audience, timeout = TIMEOUT_MILLISECONDS, endpoint = (host) => `https://${host}` } = options;
  const { status, text } = await fetchBounded(fetch, {
    url: urlOf(presigned, endpoint(presigned.host)),
    headers: { accept: "application/json", [AUDIENCE_HEADER]: audience },
    maxBytes: MAX_RESPONSE_BYTES,
    timeout,
  }).catch((error: unknown) => {
    throw error instanceof IdentitySourceUnavailableError
      ? unavailableError(presigned, error.message, error)
      : error;
  });
  if (status === 429 || status >= 500) throw unavailableError(presigned, `responded with status ${status}`);
  if (status !== 200)
    throw new CredentialsRejectedError(`STS rejected the AWS password (${status}, ${errorCodeIn(text)})`);
  const principal = parseResponse(text);
  if (principal === undefined) throw unavailableError(presigned, "the response contains no valid principal");
  return principal;
}

function unavailableError(
  { host }: PresignedUrl,
  reason: string,
  cause?: unknown,
): IdentitySourceUnavailableError {
  return new IdentitySourceUnavailableError(`${host}: ${reason}`, cause);
}

/** Parses a JSON response, which the Accept header requests: XML parsers can disagree on the same document. */
function parseResponse(text: string): AwsPrincipal | undefined {
  const result = fieldIn(fieldIn(parseJson(text), "GetCallerIdentityResponse"), "GetCallerIdentityResult");
  const [arn, account, userId] = ["Arn", "Account", "UserId"].map((name) => fieldIn(result, name));
  if (typeof arn !== "string" || typeof userId !== "string" || userId === "") return undefined;
  const principal = parsePrincipal(arn);
  return principal?.account === account ? principal : undefined;
}

/** Returns the code of an error response, such as SignatureDoesNotMatch or ExpiredToken. */
function errorCodeIn(text: string): string {
  const code = fieldIn(fieldIn(parseJson(text), "Error"), "Code");
  return typeof code === "string" ? toSingleLine(code) : "no error code";
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
