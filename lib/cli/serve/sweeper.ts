import type { LogLine } from "../../http/middleware/log.ts";
import { UPLOAD_LIFETIME_SECONDS } from "../../registry/uploads.ts";
import type { Storage } from "../storage/storage-options.ts";

const SWEEP_INTERVAL_MILLISECONDS = 10 * 60 * 1000;

/**
 * Deletes expired upload sessions, immediately and then every ten minutes. Does nothing if the storage expires them
 * itself.
 */
export function startSweeper({ sweep }: Storage, log: (line: LogLine) => void): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const sweepNow = () => {
    running = running
      .then(() => sweep?.(new Date(), UPLOAD_LIFETIME_SECONDS))
      .catch((error) => log({ level: "error", error: String(error) }));
  };
  const timer = setInterval(sweepNow, SWEEP_INTERVAL_MILLISECONDS);
  sweepNow();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
