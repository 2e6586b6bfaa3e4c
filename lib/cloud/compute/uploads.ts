import type { IOrigin } from "aws-cdk-lib/aws-cloudfront";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IConstruct } from "constructs";
import type { Storage } from "../storage.ts";

/** CloudFront waits for no origin longer than this unless the account's quota is raised. In seconds. */
export const READ_TIMEOUT_SECONDS = 120;

/** What CloudFront's function calls the origin that takes bodies of any size: functions/edge/route.js */
export const STREAM = "stream";

export interface UploadsProps {
  readonly storage: Storage;
  readonly environment: Record<string, string>;
  readonly logRetention: RetentionDays;
}

/** A home of the registry that takes bodies of any size, and answers HEAD with the exact length. */
export interface Uploads extends IConstruct {
  readonly origin: IOrigin;
  readonly logs: LogGroup;
  /** How often it answered with 5xx in five minutes, or something in its place because it could not. */
  readonly failures: IMetric;
}
