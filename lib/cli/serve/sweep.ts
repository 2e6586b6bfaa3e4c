import type { LogLine } from "../../http/middleware/log.ts";
import { UPLOAD_LIFETIME_SECONDS } from "../../registry/uploads.ts";
import type { Storage } from "../storage/storage-options.ts";

const EVERY_MILLISECONDS = 10 * 60 * 1000;

/**
 * Frees what unfinished uploads hold once their time is over, at once and then every ten minutes. Does nothing for
 * storage that does so by itself.
 */
export function sweepRegularly({ sweep }: Storage, log: (line: LogLine) => void): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const start = () => {
    running = running
      .then(() => sweep?.(new Date(), UPLOAD_LIFETIME_SECONDS))
      .catch((error) => log({ level: "error", error: String(error) }));
  };
  const timer = setInterval(start, EVERY_MILLISECONDS);
  start();
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
