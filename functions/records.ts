import { createDynamoClient, type DynamoClientOptions } from "../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import { required } from "./required.ts";

/** Opens the records in the table that the environment names. Their first use connects to the table. */
export function openRecords(env: NodeJS.ProcessEnv): DynamoRecords {
  const table = required(env, "DOCKLESS_TABLE");
  const region = required(env, "AWS_REGION");
  const endpoint = required(env, "AWS_ENDPOINT_URL_DYNAMODB");
  const client = createDynamoClient({
    place: async () => ({ region, endpoint }),
    credentials: roleCredentials(),
  });
  return new DynamoRecords({ client, table });
}

/** Returns a provider that is loaded by its first call, in some bundles from a file of its own. */
function roleCredentials(): DynamoClientOptions["credentials"] {
  let provider: Promise<DynamoClientOptions["credentials"]> | undefined;
  return async () => {
    provider ??= import("./credentials.ts").then(({ createRoleCredentials }) => createRoleCredentials());
    return await (await provider)();
  };
}
