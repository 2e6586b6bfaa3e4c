import { Duration } from "aws-cdk-lib";
import type { Role } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { logGroup } from "../logs.ts";
import { mayRead, mayWrite, roleFor } from "../permissions.ts";
import type { Storage } from "../storage.ts";
import { API_BUNDLE, bundled, FUNCTIONS } from "./bundle.ts";

/** More memory is more CPU, and less of a cold start. */
const MEMORY = 1024;

/** Just less than API Gateway waits, so that it is this function's log that tells of it. */
const API_TIMEOUT = Duration.seconds(29);

export interface FunctionsProps {
  readonly storage: Storage;
  readonly environment: Record<string, string>;
  readonly logRetention: RetentionDays;
}

/** The registry behind API Gateway, from one bundle: once for what only reads, and once for all. */
export class Functions extends Construct {
  /** Serves GET and HEAD; cannot write. */
  readonly pull: LambdaFunction;
  readonly api: LambdaFunction;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const code = Code.fromAsset(FUNCTIONS, bundled(API_BUNDLE));
    this.pull = this.#create("Pull", code, props, mayRead);
    this.api = this.#create("Api", code, props, mayWrite);
  }

  #create(
    id: string,
    code: Code,
    { storage, environment, logRetention }: FunctionsProps,
    allow: (role: Role, storage: Storage) => void,
  ): LambdaFunction {
    const scope = new Construct(this, id);
    const logs = logGroup(scope, "Logs", { retention: logRetention });
    const role = roleFor(scope, "lambda.amazonaws.com", logs);
    allow(role, storage);
    return new LambdaFunction(scope, "Function", {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code,
      memorySize: MEMORY,
      timeout: API_TIMEOUT,
      environment,
      role,
      logGroup: logs,
    });
  }
}
