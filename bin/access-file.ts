import { readFile } from "node:fs/promises";
import { type AccessFile, parseAccessFile, toAccessFile } from "../lib/auth/access-file.ts";
import { applyPlan, type PlanOptions, planAccess, type Step } from "../lib/auth/access-plan.ts";
import { loadAccess } from "../lib/auth/snapshot.ts";
import type { RecordStore } from "../lib/registry/ports.ts";
import { whyFailed } from "./failure.ts";

export interface ApplyFileOptions extends PlanOptions {
  /** Whether nothing is changed. */
  readonly dryRun: boolean;
}

export interface Applied {
  readonly steps: readonly Omit<Step, "changes" | "account">[];
  /** Those that were made, which are shown this once. */
  readonly secrets: readonly { readonly name: string; readonly secret: string }[];
  /** Why not all of it was done. Secrets that were made before it are still the only ones. */
  readonly failure?: string;
}

export async function applyFile(
  records: RecordStore,
  file: string,
  { dryRun, ...options }: ApplyFileOptions,
  now: () => Date,
): Promise<Applied> {
  const wanted = parseAccessFile(await readJson(file));
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
    return { steps, secrets, failure: whyFailed(error) };
  }
}

export async function exportFile(records: RecordStore): Promise<AccessFile> {
  return toAccessFile(await loadAccess(records));
}

async function readJson(file: string): Promise<unknown> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new RangeError(`cannot read ${file}`, { cause: error });
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError(`${file} is no JSON: ${whyFailed(error)}`, { cause: error });
  }
}
