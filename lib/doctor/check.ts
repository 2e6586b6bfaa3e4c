import type { Finding } from "./findings/finding.ts";
import type { Visit } from "./visit/visit.ts";

/** A check of one behaviour of a registry. */
export interface Check {
  /** Unique name, in kebab case. */
  readonly name: string;
  /** The question that it answers. */
  readonly asks: string;
  /** The unverified behaviour of AWS that it verifies: docs/limits.md */
  readonly settles?: string;
  /** Whether all other checks are skipped if it fails. */
  readonly essential?: true;
  /** @throws CheckFailure if the check fails */
  readonly run: (context: Visit) => Promise<Finding>;
}
