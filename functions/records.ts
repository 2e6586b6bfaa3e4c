import { VARIABLES } from "../lib/ports/environment.ts";
import { createDynamoClient } from "../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import { requireVariable } from "./require-variable.ts";
import { roleCredentials } from "./role-credentials.ts";

/** Opens the records in the table named in the environment. The connection is opened on first use. */
export function openRecords(env: NodeJS.ProcessEnv, onExpiredCredentials = () => {}): DynamoRecords {
  const table = requireVariable(env, VARIABLES.table);
  const region = requireVariable(env, "AWS_REGION");
  const endpoint = requireVariable(env, "AWS_ENDPOINT_URL_DYNAMODB");
  const client = createDynamoClient({
    location: async () => ({ region, endpoint }),
    credentials: roleCredentials(),
    onExpiredCredentials,
  });
  return new DynamoRecords({ client, table });
}
