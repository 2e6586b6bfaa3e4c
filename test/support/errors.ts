import { expect } from "vitest";
import { type ErrorCode, OciError } from "../../lib/oci/errors.ts";

/** Returns a matcher of an OciError by code and optional status, for `toThrow` and `rejects.toThrow`. */
export function ociError(code: ErrorCode, status?: number): unknown {
  return expect.objectContaining({ name: "OciError", code, ...(status === undefined ? {} : { status }) });
}

/** Returns the OciError that a function throws. */
export function thrown(act: () => unknown): OciError {
  try {
    act();
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
  throw new Error("expected an OciError, but nothing was thrown");
}

/** Returns the OciError that a promise rejects with. */
export async function rejection(work: Promise<unknown>): Promise<OciError> {
  const outcome = await work.then(
    () => "a success",
    (error: unknown) => error,
  );
  if (outcome instanceof OciError) return outcome;
  throw new Error("expected an OciError", { cause: outcome });
}
