import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Trigger } from "aws-cdk-lib/triggers";
import { Construct, type IConstruct } from "constructs";
import type { AccessFile } from "../auth/access-file/access-file.ts";
import { accessBundle, bundled, FUNCTIONS } from "./compute/bundle.ts";
import { recordsEnvironment } from "./compute/environment.ts";
import { logGroup } from "./logs.ts";
import { mayConfigure, roleFor } from "./permissions.ts";
import type { Storage } from "./storage.ts";

/** Less than the two minutes that CDK's trigger waits, and longer than what is tried again in it. */
const TIMEOUT = Duration.seconds(100);

const MEMORY = 512;

export interface ShippedAccessProps {
  readonly file: AccessFile;
  readonly storage: Storage;
  readonly logRetention: RetentionDays;
  /** What must be deployed before it is applied. */
  readonly after: readonly IConstruct[];
}

/**
 * An access file that comes with the stack: a function that has it beside its code, and runs once during each deployment
 * that brings another file or other code. If it fails, so does the deployment. Nothing runs when it is removed, also by
 * the rollback of the first deployment that has it.
 */
export class ShippedAccess extends Construct {
  constructor(scope: Construct, id: string, { file, storage, logRetention, after }: ShippedAccessProps) {
    super(scope, id);
    // Who was given what must not be forgotten because a deployment leaves out the file.
    const removalPolicy = RemovalPolicy.RETAIN;
    const logs = logGroup(this, "Logs", { retention: logRetention, removalPolicy });
    const role = roleFor(this, "lambda.amazonaws.com", logs);
    mayConfigure(role, storage);
    const handler = new LambdaFunction(this, "Function", {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(FUNCTIONS, bundled(accessBundle(file))),
      memorySize: MEMORY,
      timeout: TIMEOUT,
      environment: recordsEnvironment(storage),
      role,
      logGroup: logs,
    });
    new Trigger(this, "Trigger", { handler, executeAfter: [...after] });
  }
}
