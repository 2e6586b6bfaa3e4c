import { OciError } from "../oci/errors.ts";
import { RangeNotSatisfiableError } from "../oci/range.ts";
import { StorageFullError } from "../registry/ports.ts";
import { ChunkOutOfOrderError } from "../registry/uploads.ts";
import { type HttpResponse, json } from "./message.ts";

/** Tells the client of a failure in the spec's form: spec.md#error-codes */
export function errorResponse(error: unknown): HttpResponse {
  const known = toOciError(error);
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
  return new OciError("UNKNOWN", { message: "internal error: the registry's log says more", cause: error });
}

function headersOf(error: OciError): HttpResponse["headers"] {
  if (error instanceof RangeNotSatisfiableError) return { "content-range": `bytes */${error.size}` };
  if (error.status === 429 || error.status === 503) return { "retry-after": "1" };
  return {};
}

/** Whether a chunk came out of order, so that the answer must say where the session stands. */
export function isOutOfOrder(error: unknown): error is ChunkOutOfOrderError {
  return error instanceof ChunkOutOfOrderError;
}
