import { atMostEvery } from "../../concurrency/at-most-every.ts";
import type { LogLine } from "./log.ts";

/** The log and the clocks of log lines. */
export interface LogOptions {
  readonly log: (line: LogLine) => void;
  now(): Date;
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
}

/** Minimum interval between log lines on a condition that many requests or connections meet. */
const INTERVAL_MILLISECONDS = 60_000;

/** Creates a function that logs an error at most once per minute, with the number of lines skipped since the previous one. */
export function createLimitedError({ log, now, monotonicNow }: LogOptions, error: string): () => void {
  return atMostEvery(INTERVAL_MILLISECONDS, monotonicNow, (skipped) =>
    log({ time: now().toISOString(), level: "error", error, skipped }),
  );
}
