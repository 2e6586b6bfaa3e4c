import { type AwsLocation, createLocation } from "../../../local-cloud/support/aws-location.ts";
import { withCleanup } from "../../soak/cleanup.ts";
import { type RunningServer, startServer } from "../../support/server.ts";

/** Options for `startReplica`. */
export interface ReplicaOptions {
  /** Location; a new one by default. */
  readonly location?: AwsLocation;
  readonly redirect: boolean;
}

/** Starts `dockless serve` on a bucket and table. */
export async function startReplica(
  { bucket, table, endpoints }: AwsLocation,
  redirect: boolean,
): Promise<RunningServer> {
  const { s3Url, dynamoUrl } = endpoints;
  const where = ["--bucket", bucket, "--table", table];
  const endpointFlags = ["--endpoint-s3", s3Url, "--endpoint-dynamodb", dynamoUrl];
  const log = ["--log", process.env["DOCKLESS_TEST_LOG"] ?? "nothing"];
  return await startServer({
    args: [...where, ...endpointFlags, ...log, ...(redirect ? [] : ["--no-redirect"])],
  });
}

/** Runs work with a server, and stops it. */
export async function withReplica<T>(
  { location, redirect }: ReplicaOptions,
  work: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const server = await startReplica(location ?? (await createLocation()), redirect);
  return await withCleanup(server.dispose, () => work(server));
}
