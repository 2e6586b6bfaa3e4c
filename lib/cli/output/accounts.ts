import type { AccountSummary, IssuedSecret } from "../../auth/accounts/manage-accounts.ts";
import { formatTable } from "./table.ts";

/** Returns the secret alone, for `docker login --password-stdin`. Writes its description to standard error. */
export function formatSecret({ name, secret, expires }: IssuedSecret): string {
  const expiry = expires === undefined ? "" : `, expires ${expires}`;
  process.stderr.write(`secret of ${name} (not shown again${expiry}):\n`);
  return `${secret}\n`;
}

/** Formats accounts as a table that marks expired secrets. */
export function formatAccounts(accounts: readonly AccountSummary[], now: Date): string {
  return formatTable(
    ["NAME", "GROUPS", "CREATED", "LAST USED", "SECRETS"],
    accounts.map(({ name, groups, created, lastUsed = "never", secrets }) => [
      ...[name, groups.join(",") || "-", created, lastUsed],
      secrets.map((secret) => formatSecretId(secret, now)).join(", "),
    ]),
  );
}

function formatSecretId({ id, expires }: AccountSummary["secrets"][number], now: Date): string {
  if (expires === undefined) return id;
  return Date.parse(expires) > now.getTime() ? `${id} until ${expires}` : `${id} EXPIRED ${expires}`;
}
