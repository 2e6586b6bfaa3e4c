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

/** Shorter than the two-minute timeout of CDK's trigger, and longer than all of the function's retries. */
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
 * Access file that is applied on deployment: a function is bundled with the file and runs once during each deployment that
 * changes its code or the file. If the function fails, the deployment fails. Removing the construct runs nothing, not even
 * during the rollback of the first deployment that includes it.
 */
export class ShippedAccess extends Construct {
  constructor(scope: Construct, id: string, { file, storage, logRetention, after }: ShippedAccessProps) {
    super(scope, id);
    // The log of granted permissions must be kept when a later deployment omits the file.
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
