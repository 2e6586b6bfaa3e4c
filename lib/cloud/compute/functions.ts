import { Duration } from "aws-cdk-lib";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { createLogGroup } from "../logs.ts";
import { createServiceRole, grantRead, grantWrite } from "../permissions.ts";
import type { Storage } from "../storage.ts";
import { API_BUNDLE, bundleAsset, FUNCTIONS_FOLDER } from "./bundle.ts";

/** Memory in MiB, which also determines the CPU share and thus the duration of a cold start. */
const MEMORY_MEBIBYTES = 1024;

/** Shorter than the timeout of API Gateway, so that a timeout is logged by the function. */
const API_TIMEOUT = Duration.seconds(29);

/** Options for `Functions`. */
export interface FunctionsProps {
  readonly storage: Storage;
  readonly environment: Record<string, string>;
  /** Concurrent executions reserved for each function, which are also its maximum. */
  readonly reservedConcurrency: number | undefined;
  readonly logRetention: RetentionDays;
}

/** Registry behind API Gateway: two functions with the same code, one read-only and one with all permissions. */
export class Functions extends Construct {
  /** Serves GET and HEAD; has read permissions only. */
  readonly pull: LambdaFunction;
  /** Serves all other requests. */
  readonly api: LambdaFunction;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const code = Code.fromAsset(FUNCTIONS_FOLDER, bundleAsset(API_BUNDLE));
    this.pull = this.#create("Pull", code, props, grantRead);
    this.api = this.#create("Api", code, props, grantWrite);
  }

  #create(
    id: string,
    code: Code,
    { storage, environment, reservedConcurrency, logRetention }: FunctionsProps,
    allow: (role: Role, storage: Storage) => void,
  ): LambdaFunction {
    const scope = new Construct(this, id);
    const logs = createLogGroup(scope, "Logs", { retention: logRetention });
    const role = createServiceRole(scope, "lambda.amazonaws.com", logs);
    allow(role, storage);
    return new LambdaFunction(scope, "Function", {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code,
      memorySize: MEMORY_MEBIBYTES,
      timeout: API_TIMEOUT,
      ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
      environment,
      role,
      logGroup: logs,
    });
  }
}
