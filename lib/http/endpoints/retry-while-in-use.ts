import { setTimeout as sleep } from "node:timers/promises";
import { UploadInUseError } from "../../registry/uploads.ts";

/** Maximum wait for another request that closes the same session. Some clients repeat a request after 20 s without a response. */
const MAX_WAIT_MILLISECONDS = 30_000;

/**
 * Closes an upload session once no other request is closing it.
 * @throws UploadInUseError when another request is still closing it after `limit` milliseconds
 */
export async function retryWhileInUse(
  close: () => Promise<void>,
  limit = MAX_WAIT_MILLISECONDS,
): Promise<void> {
  let timeout: Promise<"timeout"> | undefined;
  for (;;) {
    try {
      return await close();
    } catch (error) {
      if (!(error instanceof UploadInUseError)) throw error;
      timeout ??= sleep(limit, "timeout", { ref: false });
      if ((await Promise.race([error.ended, timeout])) === "timeout") throw error;
    }
  }
}
