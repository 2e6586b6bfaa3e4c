import { newPrincipal } from "../lib/auth/accounts/principals.ts";
import { ACTIONS } from "../lib/auth/grants/actions.ts";
import { grantKey } from "../lib/auth/grants/grants.ts";
import { parsePattern } from "../lib/auth/grants/pattern.ts";
import { ANYBODY, parseName, parseSubject } from "../lib/auth/grants/subject.ts";
import { put } from "../lib/ports/record-store.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import type { AwsServers } from "./support/aws.ts";

export interface TestAccount {
  readonly username: string;
  readonly password: string;
}

const NAME = "tester";
const EVERYTHING = parsePattern("**");

/** Lets everybody do everything, and somebody sign in. */
export async function openToAll(servers: AwsServers, tables: readonly string[]): Promise<TestAccount> {
  const [table = "", ...more] = tables;
  if (more.length > 0) throw new Error(`which of ${tables.join(", ")} has the accounts?`);
  const client = servers.recordsClient();
  const records = new DynamoRecords({ client, table });
  const subjects = [ANYBODY, parseSubject(`user:${NAME}`)];
  const grants = subjects.map((subject) => put(grantKey(subject, EVERYTHING), { actions: [...ACTIONS] }));
  const now = new Date();
  const { secret, changes } = await newPrincipal("user", parseName(NAME), {
    groups: [],
    expires: undefined,
    now,
  });
  await records.write([...changes, ...grants]);
  client.destroy();
  return { username: NAME, password: secret };
}
