import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AccessError } from "../lib/auth/access-error.ts";
import type { AccessFile } from "../lib/auth/access-file/access-file.ts";
import { applyPlan, planAccess, type Step } from "../lib/auth/access-file/access-plan.ts";
import { readAccessFile } from "../lib/auth/access-file/read-access-file.ts";
import { loadAccess } from "../lib/auth/snapshot.ts";
import type { RecordStore } from "../lib/ports/record-store.ts";
import { openRecords } from "./records.ts";
import { required } from "./required.ts";

/** IAM needs some seconds until a role that has just been made may do everywhere what it may. */
const ATTEMPTS = 10;
const DELAY_MILLISECONDS = 5000;

/** Makes what is granted what the file beside this one says. Invoked by deployments: lib/cloud/shipped-access.ts */
export const handler = async (): Promise<void> => {
  const { env } = process;
  const file = readAccessFile(join(required(env, "LAMBDA_TASK_ROOT"), "access.json"));
  await applyShipped(openRecords(env), file, {
    options: `--table ${required(env, "DOCKLESS_TABLE")} --region ${required(env, "AWS_REGION")}`,
    log: (line) => process.stdout.write(`${JSON.stringify(line)}\n`),
    now: () => new Date(),
    wait: () => sleep(DELAY_MILLISECONDS),
  });
};

export interface ShippedOptions {
  /** By which the command finds the same records. */
  readonly options: string;
  readonly log: (line: object) => void;
  now(): Date;
  /** Until it is tried once more. */
  wait(): Promise<unknown>;
}

/**
 * Makes no account, since nobody is there to be told its secret, and removes none. Tells of each thing that was otherwise,
 * once it is as it should be; and at last of what is left to do, with the command that does it.
 */
export async function applyShipped(
  records: RecordStore,
  file: AccessFile,
  { options, log, now, wait }: ShippedOptions,
): Promise<void> {
  const tell = (step: Step) => {
    const { change, kind, name, before, after } = step;
    const run = isLeft(step) ? { run: `${commandFor(step, file)} ${options}` } : {};
    log({ time: now().toISOString(), event: "access", change, kind, name, before, after, ...run });
  };
  const left = await untilDone(async () => {
    const plan = planAccess(await loadAccess(records), file, { create: false, pruneAccounts: false });
    await applyPlan(records, plan, { now, onDone: tell, onSecret: () => undefined });
    return plan.filter(isLeft);
  }, wait);
  for (const step of left) tell(step);
}

function isLeft({ change }: Step): boolean {
  return change === "missing" || change === "extra";
}

/** What makes an account that the file has, or removes one that it does not have. */
function commandFor({ change, kind, name }: Step, { users, robots }: AccessFile): string {
  if (change === "extra") return `dockless ${kind} remove ${name}`;
  const account = (kind === "user" ? users : robots).find((one) => one.name === name);
  const groups = account?.groups.map((group) => ` --group ${group}`) ?? [];
  return `dockless ${kind} add ${name}${groups.join("")}`;
}

async function untilDone<T>(attempt: () => Promise<T>, wait: () => Promise<unknown>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries === ATTEMPTS || !isPassing(error)) throw error;
      await wait();
    }
  }
}

/** The role is new, or somebody has just changed an account. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === "AccessDeniedException" || isConflict(error);
}

function isConflict(error: Error): boolean {
  return error instanceof AccessError && error.failure.code === "ACCOUNTS_CHANGED";
}
