import { OciError } from "../oci/errors.ts";
import { ConditionFailedError } from "../ports/record-store.ts";

const ATTEMPTS = 10;

/**
 * Runs an attempt that reads, decides and writes on condition, again whenever somebody else was quicker.
 * @throws OciError `TOOMANYREQUESTS` when that happens many times in a row
 */
export async function whileOvertaken<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; tries <= ATTEMPTS; tries++) {
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
