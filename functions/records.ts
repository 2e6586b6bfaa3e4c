import { createDynamoClient, type DynamoClientOptions } from "../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import { required } from "./required.ts";

/** The records in the table that the environment names. Nothing is read before they are asked for. */
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

/** Some bundles have the provider as a file of its own, which is read with the first call. */
function roleCredentials(): DynamoClientOptions["credentials"] {
  let provider: Promise<DynamoClientOptions["credentials"]> | undefined;
  return async () => {
    provider ??= import("./credentials.ts").then(({ createRoleCredentials }) => createRoleCredentials());
    return await (await provider)();
  };
}
