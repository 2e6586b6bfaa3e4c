import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Trigger } from "aws-cdk-lib/triggers";
import { Construct, type IConstruct } from "constructs";
import type { AccessFile } from "../auth/access-file/access-file.ts";
import { accessBundle, bundleAsset, FUNCTIONS_FOLDER } from "./compute/bundle.ts";
import { recordsEnvironment } from "./compute/environment.ts";
import { createLogGroup } from "./logs.ts";
import { createServiceRole, grantConfigure } from "./permissions.ts";
import type { Storage } from "./storage.ts";

/** Shorter than the two minutes of CDK's trigger, and longer than all retries of the function. */
const TIMEOUT = Duration.seconds(100);

const MEMORY_MEBIBYTES = 512;

/** Options for `ShippedAccess`. */
export interface ShippedAccessProps {
  readonly file: AccessFile;
  readonly storage: Storage;
  readonly logRetention: RetentionDays;
  /** Constructs that must be deployed before the file is applied. */
  readonly after: readonly IConstruct[];
}

/**
 * Access file that is applied with the stack: a function with the file next to its code, which runs once during each
 * deployment that changes either. When it fails, the deployment fails. Removing it runs nothing, not even in
 * the rollback of the first deployment that has it.
 */
export class ShippedAccess extends Construct {
  constructor(scope: Construct, id: string, { file, storage, logRetention, after }: ShippedAccessProps) {
    super(scope, id);
    // The log of granted permissions must be retained when a later deployment omits the file.
    const removalPolicy = RemovalPolicy.RETAIN;
    const logs = createLogGroup(this, "Logs", { retention: logRetention, removalPolicy });
    const role = createServiceRole(this, "lambda.amazonaws.com", logs);
    grantConfigure(role, storage);
    const handler = new LambdaFunction(this, "Function", {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: Code.fromAsset(FUNCTIONS_FOLDER, bundleAsset(accessBundle(file))),
      memorySize: MEMORY_MEBIBYTES,
      timeout: TIMEOUT,
      environment: recordsEnvironment(storage),
      role,
      logGroup: logs,
    });
    new Trigger(this, "Trigger", { handler, executeAfter: [...after] });
  }
}
