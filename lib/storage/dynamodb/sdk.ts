import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { getEndpointFromInstructions } from "@smithy/core/endpoints";
import { location, requestHandler, type ServiceOptions } from "../aws-client.ts";
import type { DynamoClientOptions } from "./client.ts";

/** Milliseconds. */
const TIMEOUT = 3000;

/** The SDK's client, for what is done once: to make the table. */
export function createSdkClient(options: ServiceOptions): DynamoDBClient {
  return new DynamoDBClient({ ...location(options), requestHandler: requestHandler(TIMEOUT, 1) });
}

/** Region, endpoint and credentials as the SDK finds them: in the environment, profiles, and what machines are given. */
export function bySdk(options: ServiceOptions): DynamoClientOptions {
  const { config } = createSdkClient(options);
  const place = async () => {
    const { url } = await getEndpointFromInstructions({}, GetItemCommand, config);
    if (url.pathname !== "/")
      throw new Error(`the endpoint of DynamoDB has a path, which is not supported: ${url.href}`);
    return { region: await config.region(), endpoint: url.origin };
  };
  return { place, credentials: () => config.credentials() };
}
