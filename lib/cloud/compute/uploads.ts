import type { IOrigin } from "aws-cdk-lib/aws-cloudfront";
import type { IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IConstruct } from "constructs";
import type { Limits } from "../config/limits.ts";
import type { OriginSecrets } from "../edge/origin-secrets.ts";
import type { Storage } from "../storage.ts";

/** CloudFront's maximum origin read timeout in seconds, unless the account's quota has been raised. */
export const READ_TIMEOUT_SECONDS = 120;

/** Options for implementations of `Uploads`. */
export interface UploadsProps {
  readonly storage: Storage;
  readonly environment: Record<string, string>;
  /** Secrets that CloudFront sends with each origin request. */
  readonly originSecrets: OriginSecrets;
  readonly limits: Limits;
  readonly logRetention: RetentionDays;
}

/** Registry runtime that accepts bodies of any size, and responds to HEAD with the exact Content-Length. */
export interface Uploads extends IConstruct {
  readonly origin: IOrigin;
  /** Hostname at which clients can bypass CloudFront; undefined if the runtime has no public hostname. */
  readonly publicHost: string | undefined;
  readonly logs: LogGroup;
  /** Number of 5xx responses in five minutes, sent by the registry itself, or by AWS when the registry is unavailable. */
  readonly failures: IMetric;
}
