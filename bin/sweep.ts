import type { LogLine } from "../lib/http/log.ts";
import { epochSeconds } from "../lib/registry/registry.ts";
import { UPLOAD_LIFETIME_SECONDS } from "../lib/registry/uploads.ts";
import type { DiskStorage } from "../lib/storage/disk/open.ts";

const EVERY_MILLISECONDS = 10 * 60 * 1000;

/** Frees what unfinished uploads hold once their time is over, at once and then every ten minutes. */
export function sweepRegularly(
  storage: DiskStorage,
  log: (line: LogLine) => void,
): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const start = () => {
    running = running
      .then(() => sweep(storage))
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

async function sweep(storage: DiskStorage): Promise<void> {
  const now = new Date();
  await storage.records.sweepExpired(epochSeconds(now));
  await storage.uploads.sweep(now.getTime() - UPLOAD_LIFETIME_SECONDS * 1000);
}
