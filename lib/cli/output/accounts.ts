import type { Account, Shown } from "../../auth/accounts/manage-accounts.ts";
import { formatTable } from "./table.ts";

/** Returns the secret alone, for `docker login --password-stdin`; what it is goes to standard error. */
export function formatSecret({ name, secret, expires }: Shown): string {
  const until = expires === undefined ? "" : `, good until ${expires}`;
  process.stderr.write(`the secret of ${name}, which is not shown again${until}:\n`);
  return `${secret}\n`;
}

export function formatAccounts(accounts: readonly Account[]): string {
  return formatTable(
    ["NAME", "GROUPS", "CREATED", "LAST USED", "SECRETS"],
    accounts.map(({ name, groups, created, lastUsed = "never", secrets }) => [
      ...[name, groups.join(",") || "-", created, lastUsed],
      secrets.map(({ id, expires }) => (expires === undefined ? id : `${id} until ${expires}`)).join(", "),
    ]),
  );
}
