import { OciError } from "../oci/errors.ts";
import { ConditionFailedError } from "../ports/record-store.ts";

/** Maximum number of attempts. Among clients that move the same tag concurrently, one succeeds per round of attempts. */
const MAX_ATTEMPTS = 30;

/**
 * Runs an attempt that reads records and writes conditionally, and repeats it after a write conflict.
 * @throws OciError `TOOMANYREQUESTS` after `MAX_ATTEMPTS` conflicts in a row
 */
export async function retryOnConflict<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; attempts <= MAX_ATTEMPTS; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ConditionFailedError)) throw error;
    }
  }
  throw new OciError("TOOMANYREQUESTS", {
    message: "too many concurrent changes to the same manifest or blob: try again",
  });
}
