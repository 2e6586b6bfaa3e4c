import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { getEndpointFromInstructions } from "@smithy/core/endpoints";
import { location, requestHandler, type ServiceOptions } from "../aws-client.ts";
import type { DynamoClientOptions } from "./client.ts";

/** Time limit of a request in milliseconds. */
const REQUEST_TIMEOUT_MILLISECONDS = 3000;

/** Creates the SDK's client, which is used only to create the table. */
export function createSdkClient(options: ServiceOptions): DynamoDBClient {
  return new DynamoDBClient({
    ...location(options),
    requestHandler: requestHandler(REQUEST_TIMEOUT_MILLISECONDS, 1),
  });
}

/** Resolves region, endpoint and credentials with the SDK's providers: environment, profiles, instance metadata. */
export function bySdk(options: ServiceOptions): DynamoClientOptions {
  const { config } = createSdkClient(options);
  const place = async () => {
    const { url } = await getEndpointFromInstructions({}, GetItemCommand, config);
    if (url.pathname !== "/")
      throw new Error(`the DynamoDB endpoint has a path, which is not supported: ${url.href}`);
    return { region: await config.region(), endpoint: url.origin };
  };
  return { place, credentials: () => config.credentials() };
}
