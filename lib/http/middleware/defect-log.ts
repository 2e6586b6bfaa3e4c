import { atMostEvery } from "../../concurrency/at-most-every.ts";
import { isOutOfDescriptors } from "../errors.ts";
import type { HttpRequest } from "../message.ts";
import { defectLine, type LogLine } from "./log.ts";

/** Interval of lines about a state in which every request fails. */
const REPEATED_LINE_INTERVAL_MILLISECONDS = 60_000;

/** The log and the clocks of `createDefectLog`. */
export interface DefectLogOptions {
  readonly log: (line: LogLine) => void;
  now(): Date;
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
}

/** Creates the callback that logs each defect, and at most once per minute that no file or connection can be opened. */
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
