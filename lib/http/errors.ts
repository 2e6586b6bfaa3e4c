import { IdentitySourceUnavailableError } from "../auth/fetch-bounded.ts";
import { OciError } from "../oci/errors.ts";
import { RangeNotSatisfiableError } from "../oci/range.ts";
import { StorageBusyError, StorageFullError, StorageUnavailableError } from "../ports/storage-errors.ts";
import { ChallengeError } from "./auth/challenge.ts";
import { type HttpResponse, jsonResponse } from "./message.ts";

/** Returns the response that reports a failure in the spec's error format. */
export function errorResponse(error: unknown): HttpResponse {
  const known = toOciError(error);
  // MUST: "If the response body is in JSON format, it MUST have the following format:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
  return jsonResponse(known.status, { errors: known.items() }, headersOf(known));
}

/** Returns whether an error is a server error that the registry's operator should investigate. */
export function isDefect(error: unknown): boolean {
  return toOciError(error).status >= 500;
}

/** Returns whether an error, or its cause, reports that the process or the machine has run out of file descriptors. */
export function isOutOfDescriptors(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? error.code : undefined;
  return code === "EMFILE" || code === "ENFILE" || isOutOfDescriptors(error.cause);
}

function toOciError(error: unknown): OciError {
  if (error instanceof OciError) return error;
  if (isOutOfDescriptors(error)) {
    return new OciError("UNAVAILABLE", { message: "too many open files: try again", cause: error });
  }
  if (error instanceof StorageFullError) {
    return new OciError("UNAVAILABLE", {
      status: 507,
      message: "storage full: nothing from this request was stored",
      cause: error,
    });
  }
  if (error instanceof StorageBusyError) {
    return new OciError("TOOMANYREQUESTS", { message: "storage busy: try again", cause: error });
  }
  if (error instanceof StorageUnavailableError) {
    return new OciError("UNAVAILABLE", { message: "storage unavailable: try again", cause: error });
  }
  if (error instanceof IdentitySourceUnavailableError) {
    return new OciError("UNAVAILABLE", {
      message: "authentication is temporarily unavailable: try again",
      cause: error,
    });
  }
  return new OciError("UNKNOWN", { message: "internal error: see the registry's log", cause: error });
}

function headersOf(error: OciError): HttpResponse["headers"] {
  if (error instanceof RangeNotSatisfiableError) return { "content-range": `bytes */${error.size}` };
  if (error instanceof ChallengeError) return { "www-authenticate": error.challenge };
  if (error.status === 429 || error.status === 503) return { "retry-after": "1" };
  return {};
}
