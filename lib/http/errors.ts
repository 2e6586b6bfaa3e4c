import { SecretsBusyError } from "../auth/accounts/secret-verifier.ts";
import { IdentitySourceUnavailableError } from "../auth/ask.ts";
import { OciError } from "../oci/errors.ts";
import { RangeNotSatisfiableError } from "../oci/range.ts";
import { StorageBusyError, StorageFullError, StorageUnavailableError } from "../ports/storage-errors.ts";
import { ChallengeError } from "./auth/challenge.ts";
import { type HttpResponse, json } from "./message.ts";

/** Returns the response that reports a failure in the spec's form. */
export function errorResponse(error: unknown): HttpResponse {
  const known = toOciError(error);
  // MUST: "If the response body is in JSON format, it MUST have the following format:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
  return json(known.status, { errors: known.items() }, headersOf(known));
}

/** What was not foreseen, and so should be looked at by whoever runs the registry. */
export function isDefect(error: unknown): boolean {
  return toOciError(error).status >= 500;
}

function toOciError(error: unknown): OciError {
  if (error instanceof OciError) return error;
  if (error instanceof StorageFullError) {
    return new OciError("UNAVAILABLE", {
      status: 507,
      message: "the registry has no space left: nothing of this request was stored",
      cause: error,
    });
  }
  if (error instanceof StorageBusyError) {
    return new OciError("TOOMANYREQUESTS", { message: "storage is busy: try again", cause: error });
  }
  if (error instanceof StorageUnavailableError) {
    return new OciError("UNAVAILABLE", { message: "storage cannot be reached: try again", cause: error });
  }
  if (error instanceof SecretsBusyError) {
    return new OciError("TOOMANYREQUESTS", { message: "too many sign in at once: try again", cause: error });
  }
  if (error instanceof IdentitySourceUnavailableError) {
    return new OciError("UNAVAILABLE", {
      message: "who you are cannot be found out at present",
      cause: error,
    });
  }
  return new OciError("UNKNOWN", { message: "internal error: the registry's log says more", cause: error });
}

function headersOf(error: OciError): HttpResponse["headers"] {
  if (error instanceof RangeNotSatisfiableError) return { "content-range": `bytes */${error.size}` };
  if (error instanceof ChallengeError) return { "www-authenticate": error.challenge };
  if (error.status === 429 || error.status === 503) return { "retry-after": "1" };
  return {};
}
