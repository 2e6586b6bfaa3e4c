import type { IOrigin } from "aws-cdk-lib/aws-cloudfront";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IConstruct } from "constructs";
import type { Limits } from "../config/limits.ts";
import type { OriginSecrets } from "../edge/origin-secrets.ts";
import type { Storage } from "../storage.ts";

/** CloudFront's maximum origin read timeout, in seconds, without a raised quota of the account. */
export const READ_TIMEOUT_SECONDS = 120;

/** Options for the implementations of `Uploads`. */
export interface UploadsProps {
  readonly storage: Storage;
  readonly environment: Record<string, string>;
  /** Secrets that requests of the distribution contain. */
  readonly originSecrets: OriginSecrets;
  readonly limits: Limits;
  readonly logRetention: RetentionDays;
}

/** Runtime of the registry that accepts bodies of any size, and responds to HEAD with the exact length. */
export interface Uploads extends IConstruct {
  readonly origin: IOrigin;
  /** Hostname that clients can reach without the distribution; undefined when there is none. */
  readonly publicHost: string | undefined;
  readonly logs: LogGroup;
  /** Number of 5xx responses in five minutes, sent by the registry or, when it is unavailable, on its behalf. */
  readonly failures: IMetric;
}
