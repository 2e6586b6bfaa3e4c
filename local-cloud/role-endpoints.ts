import { startGuard } from "./iam/guard.ts";
import type { Statement } from "./iam/policy.ts";
import { SERVICES } from "./iam/services.ts";
import type { FunctionStats } from "./stats.ts";
import type { AwsServers } from "./support/aws.ts";

/** Options for `startRoleEndpoints`. */
export interface RoleOptions {
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly servers: AwsServers;
  readonly stats: FunctionStats;
  readonly reportProblem: (problem: string) => void;
}

/** A function's endpoints. */
export interface RoleEndpoints {
  /** Environment variables with which the SDK uses the endpoints, including credentials. */
  readonly variables: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts S3 and DynamoDB endpoints for one function. */
export async function startRoleEndpoints(options: RoleOptions): Promise<RoleEndpoints> {
  const { servers } = options;
  const s3 = await startGuard({ ...options, target: servers.s3Url, service: SERVICES.s3 });
  const dynamodb = await startGuard({ ...options, target: servers.dynamoUrl, service: SERVICES.dynamodb });
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_REGION = "" } = servers.env;
  // On AWS there would also be a session token, which the S3-compatible server does not support.
  const variables = {
    AWS_REGION,
    AWS_DEFAULT_REGION: AWS_REGION,
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
    AWS_ENDPOINT_URL_S3: s3.url,
    // The SDK rejects the dual-stack setting in combination with a custom endpoint.
    AWS_USE_DUALSTACK_ENDPOINT: "false",
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
  };
  const stop = async () => {
    await Promise.all([s3.stop(), dynamodb.stop()]);
  };
  return { variables, stop };
}
