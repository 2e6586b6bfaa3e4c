import { startAwsServers } from "../../local-cloud/support/aws.ts";
import { awsEndpoints, endpointVariables } from "../../local-cloud/support/aws-endpoints.ts";

/** Starts the servers, unless the parent process has started them. The workers inherit the environment. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (awsEndpoints() !== undefined) return undefined;
  const servers = await startAwsServers();
  Object.assign(process.env, servers.env, endpointVariables(servers));
  return servers.dispose;
}
