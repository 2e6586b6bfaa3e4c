import { isOutOfDescriptors } from "../errors.ts";
import type { HttpRequest } from "../message.ts";
import { createLimitedError, type LogOptions } from "./limited-error.ts";
import { defectLine } from "./log.ts";

/** Creates the callback that logs each defect. Exhausted file descriptors are logged at most once per minute. */
export function createDefectLog(options: LogOptions) {
  const { log, now } = options;
  const logExhaustion = createLimitedError(options, OUT_OF_DESCRIPTORS);
  return (error: unknown, request: HttpRequest): void => {
    if (isOutOfDescriptors(error)) logExhaustion();
    else log(defectLine(error, request, now()));
  };
}

const OUT_OF_DESCRIPTORS =
  "too many open files: raise the limit of the process (ulimit -n), or lower --max-connections";
