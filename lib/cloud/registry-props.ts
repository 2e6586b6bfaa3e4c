import type { Duration } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { RegistryDomain } from "./edge/registry-distribution.ts";

/** Options for `Registry`. */
export interface RegistryProps {
  /**
   * Custom hostname.
   * @default - the distribution's own name, which ends in `.cloudfront.net`
   */
  readonly domain?: RegistryDomain;
  /**
   * Path of an access file with grants, as `dockless access apply` accepts it. Each deployment with a changed file replaces
   * issuers, rules, grants and groups with its content. Accounts are neither created nor removed; accounts that the file does
   * not name are removed from all groups.
   * @default - none: the registry starts locked until `dockless access` grants permissions
   */
  readonly access?: string;
  /**
   * Runtime for request bodies of any size: a Lambda Web Function, or a Fargate container in regions without web functions.
   * @default "web-function"
   */
  readonly uploads?: "web-function" | "fargate";
  /**
   * Lifetime of the URLs that pulls are redirected to, between 1 second and 1 hour. A URL never outlives the credentials that
   * signed it.
   * @default Duration.minutes(15)
   */
  readonly urlLifetime?: Duration;
  /**
   * Maximum number of layers of an image, config included, or of manifests in an index, from 1 to 50,000. A push writes a
   * record for each.
   * @default 2000
   */
  readonly maxDescriptors?: number;
  /**
   * Whether pulls are redirected to S3's dual-stack endpoint, which clients reach over IPv4 or IPv6. Its hostnames differ from
   * those of the IPv4 endpoint, so clients' firewalls may have to allow them.
   * @default true
   */
  readonly dualStack?: boolean;
  /**
   * Origins whose web pages may call the registry, each exactly, such as `https://ui.example.com`; `*` allows all, without
   * credentials of the browser. Web pages can then also read the URLs that pulls are redirected to.
   * @default - none
   */
  readonly corsOrigins?: readonly string[];
  /**
   * Whether large blobs are sent to S3 as parallel parts instead of one stream: faster where a single connection to S3 is
   * slow, and more expensive, because each part is a request.
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
   * ones are rejected with 429. No effect with Fargate.
   * @default 1000
   */
  readonly webFunctionRateLimit?: number;
  /**
   * Maximum number of environments of the web function that run at the same time, between 2 and 10,000. Each serves up to 16
   * requests. No effect with Fargate.
   * @default 50
   */
  readonly webFunctionMaxEnvironments?: number;
  /**
   * Maximum number of requests per second to each route of API Gateway. Further ones are rejected with 429.
   * @default 500
   */
  readonly apiRateLimit?: number;
  /**
   * Number of requests that API Gateway accepts at once above the rate.
   * @default 1000
   */
  readonly apiBurstLimit?: number;
  /**
   * Concurrent executions reserved for each of the two event functions, which are also its maximum. New accounts cannot reserve
   * any: 100 of the account must remain unreserved.
   * @default - none: the functions share the concurrency of the account
   */
  readonly reservedConcurrency?: number;
  /**
   * Names, of letters and digits, of one or two generated secrets with which the distribution proves itself to its origins. It
   * sends the first one, and the origins accept all. A new name generates a new secret.
   * @default ["1"]
   */
  readonly originSecrets?: readonly string[];
  /**
   * ARN of a web ACL (WAF) for the distribution, with scope CLOUDFRONT in us-east-1.
   * @default - none
   */
  readonly webAclArn?: string;
  /**
   * Whether clients may also use the web function's own hostname, which serves the whole API to authenticated callers. Uploads
   * to it are free of CloudFront's charge. Requires the web function, and excludes `webAclArn` unless
   * `directPushBypassesWebAcl` is set.
   * @default false
   */
  readonly directPush?: boolean;
  /**
   * Whether `directPush` is accepted together with `webAclArn`, although the web ACL does not cover that hostname.
   * @default false
   */
  readonly directPushBypassesWebAcl?: boolean;
  /**
   * Topic that alarms are sent to.
   * @default - none: alarms are shown in CloudWatch only
   */
  readonly alarmTopic?: ITopic;
}
