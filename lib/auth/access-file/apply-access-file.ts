import type { RecordStore } from "../../ports/record-store.ts";
import { loadAccess } from "../snapshot.ts";
import { type AccessFile, toAccessFile } from "./access-file.ts";
import { applyPlan, type PlanOptions, planAccess, type Step } from "./access-plan.ts";
import { readAccessFile } from "./read-access-file.ts";

export interface ApplyFileOptions extends PlanOptions {
  /** Whether nothing is changed. */
  readonly dryRun: boolean;
}

export interface Applied {
  readonly steps: readonly Omit<Step, "changes" | "account">[];
  /** Those that were made, which are shown this once. */
  readonly secrets: readonly { readonly name: string; readonly secret: string }[];
  /** The error that kept the rest from being done. Secrets that were made before it are still the only ones. */
  readonly failure?: unknown;
}

export async function applyFile(
  records: RecordStore,
  file: string,
  { dryRun, ...options }: ApplyFileOptions,
  now: () => Date,
): Promise<Applied> {
  const wanted = readAccessFile(file);
  const plan = planAccess(await loadAccess(records), wanted, options);
  const steps = plan.map(({ changes: _, account: __, ...step }) => step);
  const secrets: { name: string; secret: string }[] = [];
  if (dryRun) return { steps, secrets };
  try {
    const onSecret = (kind: string, name: string, secret: string) =>
      void secrets.push({ name: `${kind}:${name}`, secret });
    await applyPlan(records, plan, { now, onSecret });
    return { steps, secrets };
  } catch (error) {
    return { steps, secrets, failure: error };
  }
}

export async function exportFile(records: RecordStore): Promise<AccessFile> {
  return toAccessFile(await loadAccess(records));
}
