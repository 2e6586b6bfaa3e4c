import { createAccount } from "../lib/auth/accounts/accounts.ts";
import { ACTIONS } from "../lib/auth/grants/actions.ts";
import { ANONYMOUS_GRANTEE, parseGrantee, parseName } from "../lib/auth/grants/grantee.ts";
import { grantKey } from "../lib/auth/grants/grants.ts";
import { parsePattern } from "../lib/auth/grants/pattern.ts";
import { put } from "../lib/ports/record-store.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import type { AwsServers } from "./support/aws.ts";

/** Credentials of the test account. */
export interface TestAccount {
  readonly username: string;
  readonly password: string;
}

const ACCOUNT_NAME = "tester";
const ALL_REPOSITORIES = parsePattern("**");

/** Creates an account, and grants all actions on all repositories to it and to anonymous callers. */
export async function createTestAccount(
  servers: AwsServers,
  tables: readonly string[],
): Promise<TestAccount> {
  const [table = "", ...more] = tables;
  if (more.length > 0) throw new Error(`expected one table, not ${tables.join(", ")}`);
  const client = servers.recordsClient();
  const records = new DynamoRecords({ client, table });
  const grantees = [ANONYMOUS_GRANTEE, parseGrantee(`user:${ACCOUNT_NAME}`)];
  const grants = grantees.map((subject) =>
    put(grantKey(subject, ALL_REPOSITORIES), { actions: [...ACTIONS] }),
  );
  const now = new Date();
  const { secret, changes } = await createAccount("user", parseName(ACCOUNT_NAME), {
    groups: [],
    expires: undefined,
    now,
  });
  await records.write([...changes, ...grants]);
  client.destroy();
  return { username: ACCOUNT_NAME, password: secret };
}
