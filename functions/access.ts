import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AccessError } from "../lib/auth/access-error.ts";
import type { AccessFile } from "../lib/auth/access-file/access-file.ts";
import { applyPlan, type PlanStep, planAccess } from "../lib/auth/access-file/access-plan.ts";
import { readAccessFile } from "../lib/auth/access-file/read-access-file.ts";
import { loadAccess } from "../lib/auth/snapshot.ts";
import { VARIABLES } from "../lib/ports/environment.ts";
import type { RecordStore } from "../lib/ports/record-store.ts";
import { openRecords } from "./records.ts";
import { requireVariable } from "./require-variable.ts";

/** Maximum number of attempts: the permissions of a new role take some seconds to propagate through IAM. */
const MAX_ATTEMPTS = 10;
const RETRY_DELAY_MILLISECONDS = 5000;

/** Applies the access file that is bundled with this function. Invoked by deployments: lib/cloud/shipped-access.ts */
export const handler = async (): Promise<void> => {
  const { env } = process;
  const file = readAccessFile(join(requireVariable(env, "LAMBDA_TASK_ROOT"), "access.json"));
  await applyShippedAccess(openRecords(env), file, {
    options: `--table ${requireVariable(env, VARIABLES.table)} --region ${requireVariable(env, "AWS_REGION")}`,
    log: (line) => process.stdout.write(`${JSON.stringify(line)}\n`),
    now: () => new Date(),
    wait: () => sleep(RETRY_DELAY_MILLISECONDS),
  });
};

/** Dependencies of `applyShippedAccess`. */
export interface ShippedAccessOptions {
  /** Command-line options with which `dockless` accesses the same records. */
  readonly options: string;
  readonly log: (line: object) => void;
  now(): Date;
  /** Waits before the next attempt. */
  wait(): Promise<unknown>;
}

/**
 * Applies an access file to the records. It does not create accounts, since no one could receive their secrets, and does not
 * delete any. It logs each change that it makes, and then each pending change with the command that makes it.
 */
export async function applyShippedAccess(
  records: RecordStore,
  file: AccessFile,
  { options, log, now, wait }: ShippedAccessOptions,
): Promise<void> {
  const logStep = (step: PlanStep) => {
    const { change, kind, name, before, after } = step;
    const run = isPending(step) ? { run: `${commandFor(step, file)} ${options}` } : {};
    log({ time: now().toISOString(), event: "access", change, kind, name, before, after, ...run });
  };
  const pending = await retry(async () => {
    const plan = planAccess(await loadAccess(records), file, { create: false, pruneAccounts: false });
    await applyPlan(records, plan, { now, onDone: logStep, onSecret: () => undefined });
    return plan.filter(isPending);
  }, wait);
  for (const step of pending) logStep(step);
}

function isPending({ change }: PlanStep): boolean {
  return change === "missing" || change === "extra";
}

/** Returns the command that creates an account missing from the records, or deletes an account missing from the file. */
function commandFor({ change, kind, name }: PlanStep, { users, robots }: AccessFile): string {
  if (change === "extra") return `dockless ${kind} remove ${name}`;
  const account = (kind === "user" ? users : robots).find((one) => one.name === name);
  const groups = account?.groups.map((group) => ` --group ${group}`) ?? [];
  return `dockless ${kind} add ${name}${groups.join("")}`;
}

async function retry<T>(attempt: () => Promise<T>, wait: () => Promise<unknown>): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (attempts === MAX_ATTEMPTS || !isTransient(error)) throw error;
      await wait();
    }
  }
}

/** Returns whether a retry may succeed: the role is new, or another request has changed an account. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AccessDeniedException" || isConflict(error);
}

function isConflict(error: Error): boolean {
  return error instanceof AccessError && error.failure.code === "ACCOUNTS_CHANGED";
}
