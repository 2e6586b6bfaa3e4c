import { atMostEvery } from "../../concurrency/at-most-every.ts";
import { isOutOfDescriptors } from "../errors.ts";
import type { HttpRequest } from "../message.ts";
import { defectLine, type LogLine } from "./log.ts";

/** Minimum interval between log lines on a condition that makes every request fail. */
const REPEATED_LINE_INTERVAL_MILLISECONDS = 60_000;

/** The log and the clocks of `createDefectLog`. */
export interface DefectLogOptions {
  readonly log: (line: LogLine) => void;
  now(): Date;
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
}

/** Creates the callback that logs each defect. Exhausted file descriptors are logged at most once per minute. */
export function createDefectLog({ log, now, monotonicNow }: DefectLogOptions) {
  const logExhaustion = atMostEvery(REPEATED_LINE_INTERVAL_MILLISECONDS, monotonicNow, (skipped) =>
    log({ time: now().toISOString(), level: "error", error: OUT_OF_DESCRIPTORS, skipped }),
  );
  return (error: unknown, request: HttpRequest): void => {
    if (isOutOfDescriptors(error)) logExhaustion();
    else log(defectLine(error, request, now()));
  };
}

const OUT_OF_DESCRIPTORS =
  "too many open files: raise the limit of the process (ulimit -n), or lower --max-connections";
