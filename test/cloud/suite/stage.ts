import type { Report } from "../../soak/report.ts";
import type { RunningCloud } from "./cloud-process.ts";
import type { Mode, Options } from "./options.ts";

/** Options for a case. */
export interface Stage {
  readonly report: Report;
  readonly options: Options;
  readonly cloud: RunningCloud;
  readonly mode: Mode;
}
