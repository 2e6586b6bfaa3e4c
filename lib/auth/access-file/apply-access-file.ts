import type { RecordStore } from "../../ports/record-store.ts";
import { findGrantWarnings } from "../grants/grant-warnings.ts";
import { loadAccess } from "../snapshot.ts";
import { type AccessFile, toAccessFile } from "./access-file.ts";
import { applyPlan, type PlanOptions, type PlanStep, planAccess } from "./access-plan.ts";
import { assertAdminRemains, resultOf } from "./last-admin.ts";
import { mergeAccessFile } from "./merge-access-file.ts";
import { readAccessFile } from "./read-access-file.ts";

/** Options for planning and applying. */
export interface ApplyAccessFileOptions extends PlanOptions {
  /** Whether to add the file to the stored configuration instead of replacing it. */
  readonly add: boolean;
  /** Whether the last admin may be removed. */
  readonly force: boolean;
  /** Whether to return the plan without applying it. */
  readonly dryRun: boolean;
}

/** The plan that was applied, and its outcome. */
export interface ApplyResult {
  readonly steps: readonly Omit<PlanStep, "changes" | "account">[];
  /** Secrets of the created accounts, which cannot be read again. */
  readonly secrets: readonly { readonly name: string; readonly secret: string }[];
  /** Grants of the file that have no effect, one sentence each. */
  readonly warnings: readonly string[];
  /** The error that ended the run early. Secrets that were created before it are valid. */
  readonly failure?: unknown;
}

/**
 * Reads an access file, plans the changes and, unless `dryRun`, applies them.
 * @returns the plan; a failure while applying is returned as `failure`, so that no secret is lost
 * @throws MalformedError, AccessError while reading and planning
 */
export async function applyAccessFile(
  records: RecordStore,
  file: string,
  { dryRun, add, force, ...options }: ApplyAccessFileOptions,
  now: () => Date,
): Promise<ApplyResult> {
  const present = await loadAccess(records);
  const declared = readAccessFile(file, add ? present : undefined);
  const expected = add ? mergeAccessFile(present, declared) : declared;
  const plan = planAccess(present, expected, options);
  const result = resultOf(present, expected, options);
  if (!force) assertAdminRemains(present, result);
  const warnings = findGrantWarnings(declared.grants, result);
  const steps = plan.map(({ changes: _, account: __, ...step }) => step);
  const secrets: { name: string; secret: string }[] = [];
  if (dryRun) return { steps, secrets, warnings };
  try {
    const onSecret = (kind: string, name: string, secret: string) =>
      void secrets.push({ name: `${kind}:${name}`, secret });
    await applyPlan(records, plan, { now, onSecret });
    return { steps, secrets, warnings };
  } catch (error) {
    return { steps, secrets, warnings, failure: error };
  }
}

/** Returns the stored configuration as an access file. */
export async function exportAccessFile(records: RecordStore): Promise<AccessFile> {
  return toAccessFile(await loadAccess(records));
}
