import type { AccountKind } from "../../auth/accounts/accounts.ts";
import { identityOf } from "../../auth/accounts/passwords.ts";
import { ANONYMOUS_GRANTEE } from "../../auth/grants/grantee.ts";
import { selectGrants } from "../../auth/grants/grants.ts";
import { type AccessSnapshot, isUnconfigured, loadAccess } from "../../auth/snapshot.ts";
import type { RecordStore } from "../../ports/record-store.ts";
import type { AccessRecordsOptions } from "../storage/access-records.ts";
import { formatProgram } from "./program.ts";

const REQUIREMENT = "every request now requires an account or a grant to anonymous\n";

/** Changes the access configuration. If this is the first change, reports on standard error that anonymous access has ended. */
export async function reportEndOfAnonymousAccess<T>(
  records: RecordStore,
  { table }: AccessRecordsOptions,
  change: () => Promise<T>,
): Promise<T> {
  const wasOpen = isUnconfigured(await loadAccess(records));
  const result = await change();
  if (wasOpen && !isUnconfigured(await loadAccess(records))) {
    // A table may belong to a deployed stack, which never allows anonymous access.
    const ended = table === undefined ? "anonymous access has ended: " : "";
    process.stderr.write(`${ended}${REQUIREMENT}`);
  }
  return result;
}

/** An account that was just added. */
interface AddedAccount {
  readonly kind: AccountKind;
  readonly name: string;
}

/** Formats the commands that grant access to a new account, one line each. */
export function formatNextSteps(
  access: AccessSnapshot,
  { kind, name }: AddedAccount,
  options: AccessRecordsOptions,
): string {
  const account = access.accounts.find((one) => one.kind === kind && one.name === name);
  const secret = account?.secrets.at(-1);
  if (account === undefined || secret === undefined) return "";
  const own = selectGrants(access.grants, identityOf(account, secret));
  const isGranted = own.some(({ subject }) => subject !== ANONYMOUS_GRANTEE);
  const actions = access.accounts.length === 1 ? "admin" : "pull,push";
  const grant = `${formatProgram()} access grant ${kind}:${name} '**' ${actions}${formatLocation(options)}`;
  return [
    ...(isGranted ? [] : [`next: grant access to repositories: ${grant}\n`]),
    `${isGranted ? "next" : "then"}: sign in: docker login --username ${name} REGISTRY\n`,
  ].join("");
}

/** Formats the options with which further commands use the same records. */
function formatLocation({ data, table, region }: AccessRecordsOptions): string {
  if (table !== undefined) return ` --table ${table}${region === undefined ? "" : ` --region ${region}`}`;
  return data === "data" ? "" : ` --data ${data}`;
}
