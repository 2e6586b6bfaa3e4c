import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ANSWERS, location, requestHandler, type ServiceOptions } from "../aws-client.ts";
import { failingWhenSilent } from "../silence.ts";

/** Milliseconds: DynamoDB answers at once or not at all. */
const TIMEOUT = 3000;

/** Calls are short, and may wait for one another. */
const CONNECTIONS = 200;

export function createDynamoClient(options: ServiceOptions = {}): DynamoDBClient {
  const client = new DynamoDBClient({
    ...location(options),
    requestHandler: requestHandler(TIMEOUT, CONNECTIONS),
  });
  client.middlewareStack.add((next) => async (args) => failingWhenSilent(await next(args), TIMEOUT), ANSWERS);
  return client;
}
