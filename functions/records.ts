import { createDynamoClient } from "../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import { required } from "./required.ts";
import { roleCredentials } from "./role-credentials.ts";

/** Opens the records in the table that the environment names. Their first use connects to the table. */
export function openRecords(env: NodeJS.ProcessEnv, onExpiredCredentials = () => {}): DynamoRecords {
  const table = required(env, "DOCKLESS_TABLE");
  const region = required(env, "AWS_REGION");
  const endpoint = required(env, "AWS_ENDPOINT_URL_DYNAMODB");
  const client = createDynamoClient({
    place: async () => ({ region, endpoint }),
    credentials: roleCredentials(),
    onExpiredCredentials,
  });
  return new DynamoRecords({ client, table });
}
