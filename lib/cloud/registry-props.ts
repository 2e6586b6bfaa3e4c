import type { Duration } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { RegistryDomain } from "./edge/registry-distribution.ts";

/** Options for `Registry`. */
export interface RegistryProps {
  /**
   * Custom hostname.
   * @default - CloudFront's hostname, which ends in `.cloudfront.net`
   */
  readonly domain?: RegistryDomain;
  /**
   * Path of an access file, in the format of `dockless access apply`. Each deployment with a changed file replaces issuers,
   * rules, grants and groups with the file's contents. Accounts are neither created nor deleted; accounts that the file does
   * not list are removed from all groups.
   * @default - none: the registry starts locked until `dockless access` grants permissions
   */
  readonly access?: string;
  /**
   * Runtime for request bodies of any size: a Lambda Web Function, or a Fargate container in regions without web functions.
   * @default "web-function"
   */
  readonly uploads?: "web-function" | "fargate";
  /**
   * Lifetime of the presigned URLs that pulls are redirected to, between 1 second and 1 hour. A URL never outlives the
   * credentials that signed it.
   * @default Duration.minutes(15)
   */
  readonly urlLifetime?: Duration;
  /**
   * Maximum number of layers in an image, including its config, or of manifests in an index, from 1 to 50,000. A push writes
   * a record for each.
   * @default 2000
   */
  readonly maxDescriptors?: number;
  /**
   * Whether pulls are redirected to S3's dual-stack endpoint, which clients reach over IPv4 or IPv6. Its hostnames differ from
   * those of the IPv4 endpoint, so client-side firewalls may have to allow them.
   * @default true
   */
  readonly dualStack?: boolean;
  /**
   * Web origins that may call the registry, matched exactly, such as `https://ui.example.com`; `*` allows all origins, without
   * browser credentials. Web pages can then also read the presigned URLs that pulls are redirected to.
   * @default - none
   */
  readonly corsOrigins?: readonly string[];
  /**
   * Whether large blobs are sent to S3 as parallel parts instead of one stream: faster if a single connection to S3 is slow,
   * but more expensive, because each part is a request.
   * @default false
   */
  readonly s3Multipart?: boolean;
  /**
   * Whether the bucket and the table are deleted, with all images, when the stack is deleted.
   * @default false
   */
  readonly destroyData?: boolean;
  /**
   * Retention period of logs.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Maximum number of requests per second to the web function: a multiple of 100 up to 1,000, or of 1,000 up to 10,000. Further
   * requests are rejected with 429. No effect with Fargate.
   * @default 1000
   */
  readonly webFunctionRateLimit?: number;
  /**
   * Maximum number of concurrent web function environments, between 2 and 10,000. Each environment serves up to 16 concurrent
   * requests. No effect with Fargate.
   * @default 50
   */
  readonly webFunctionMaxEnvironments?: number;
  /**
   * Maximum number of requests per second to each API Gateway route. Further requests are rejected with 429.
   * @default 500
   */
  readonly apiRateLimit?: number;
  /**
   * Burst of requests above the rate that API Gateway accepts.
   * @default 1000
   */
  readonly apiBurstLimit?: number;
  /**
   * Reserved concurrency of each of the two event functions, which is also its maximum. New AWS accounts cannot reserve any,
   * since 100 concurrent executions per account must remain unreserved.
   * @default - none: the functions share the account's concurrency
   */
  readonly reservedConcurrency?: number;
  /**
   * Names (letters and digits) of one or two generated secrets with which CloudFront authenticates to the origins. CloudFront
   * sends the first secret, and the origins accept both. A new name generates a new secret.
   * @default ["1"]
   */
  readonly originSecrets?: readonly string[];
  /**
   * ARN of a web ACL (AWS WAF) for the CloudFront distribution, with scope CLOUDFRONT, in us-east-1.
   * @default - none
   */
  readonly webAclArn?: string;
  /**
   * Whether clients may also use the web function's own hostname, which serves the complete API to authenticated callers.
   * Uploads to this hostname incur no CloudFront charges. Requires the web function, and cannot be combined with `webAclArn`
   * unless `directPushBypassesWebAcl` is set.
   * @default false
   */
  readonly directPush?: boolean;
  /**
   * Allows `directPush` together with `webAclArn`, although the web ACL does not protect the web function's hostname.
   * @default false
   */
  readonly directPushBypassesWebAcl?: boolean;
  /**
   * SNS topic for alarm notifications.
   * @default - none: alarms are shown in CloudWatch only
   */
  readonly alarmTopic?: ITopic;
}
