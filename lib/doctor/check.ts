import type { CheckContext } from "./context/check-context.ts";
import type { Finding } from "./findings/finding.ts";

/** A check of one behaviour of a registry. */
export interface Check {
  /** Unique name, in kebab case. */
  readonly name: string;
  /** The question that the check answers. */
  readonly question: string;
  /** The open question about the behaviour of AWS that the check settles: docs/limits.md */
  readonly settles?: string;
  /** Whether all other checks are skipped if it fails. */
  readonly isEssential?: true;
  /** @throws CheckFailure if the check fails */
  readonly run: (context: CheckContext) => Promise<Finding>;
}
