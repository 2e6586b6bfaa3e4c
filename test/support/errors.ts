import { expect } from "vitest";
import { type ErrorCode, OciError } from "../../lib/oci/errors.ts";

/** For `toThrow` and `rejects.toThrow`: an OciError of the code, and of the status if one is given. */
export function ociError(code: ErrorCode, status?: number): unknown {
  return expect.objectContaining({ name: "OciError", code, ...(status === undefined ? {} : { status }) });
}

/** The OciError that a function throws. */
export function thrown(act: () => unknown): OciError {
  try {
    act();
  } catch (error) {
    if (error instanceof OciError) return error;
    throw error;
  }
  throw new Error("an OciError was expected, but nothing was thrown");
}

/** The OciError with which the work ends. */
export async function rejection(work: Promise<unknown>): Promise<OciError> {
  const outcome = await work.then(
    () => "a success",
    (error: unknown) => error,
  );
  if (outcome instanceof OciError) return outcome;
  throw new Error("an OciError was expected", { cause: outcome });
}
