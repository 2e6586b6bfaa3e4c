import type { Finding } from "./findings/finding.ts";
import type { Visit } from "./visit/visit.ts";

export interface Check {
  readonly name: string;
  readonly asks: string;
  /** The behaviour of AWS that nobody has verified, and that this check settles: docs/limits.md */
  readonly settles?: string;
  /** If it fails, the others have nothing to go on. */
  readonly essential?: true;
  readonly run: (visit: Visit) => Promise<Finding>;
}
