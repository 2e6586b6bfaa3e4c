import { Annotations, Duration } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { readAccessFile } from "../auth/access-file/read-access-file.ts";
import { MalformedError } from "../auth/malformed-error.ts";
import { storageEnvironment } from "./compute/environment.ts";
import { FargateUploads } from "./compute/fargate.ts";
import { Functions } from "./compute/functions.ts";
import type { Uploads } from "./compute/uploads.ts";
import { WebFunctionUploads } from "./compute/web-function.ts";
import { directPushEnvironment, findDirectPushConflict } from "./direct-push.ts";
import { Front, type RegistryDomain } from "./edge/front.ts";
import { RegistryApi } from "./edge/http-api.ts";
import { sendHelperLogsTo } from "./helper-logs.ts";
import { createLogGroup } from "./logs.ts";
import { registryMetrics } from "./monitoring/metrics.ts";
import { Monitoring } from "./monitoring/monitoring.ts";
import { ShippedAccess } from "./shipped-access.ts";
import { Storage } from "./storage.ts";

/** Inputs of `Registry`. */
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
   * Whether pulls are redirected to S3's dual-stack endpoint, which clients reach over IPv4 or IPv6. Its hostnames differ from
   * those of the IPv4 endpoint, so clients' firewalls may have to allow them.
   * @default true
   */
  readonly dualStack?: boolean;
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

const UPLOADS = { "web-function": WebFunctionUploads, fargate: FargateUploads } as const;

/** Container registry for any OCI client. Its data outlives the stack by default. */
export class Registry extends Construct {
  /** URL of the web function's own hostname; undefined unless `directPush` is set. */
  readonly directPushUrl: string | undefined;
  readonly storage: Storage;
  readonly functions: Functions;
  readonly api: RegistryApi;
  readonly uploads: Uploads;
  readonly front: Front;

  constructor(scope: Construct, id: string, props: RegistryProps = {}) {
    super(scope, id);
    const {
      urlLifetime = Duration.minutes(15),
      logRetention = RetentionDays.ONE_MONTH,
      destroyData = false,
      dualStack = true,
      s3Multipart = false,
    } = props;
    this.storage = new Storage(this, "Storage", { destroyData });
    const environment = storageEnvironment({ storage: this.storage, urlLifetime, dualStack, s3Multipart });
    const runtimeProps = { storage: this.storage, environment, logRetention };
    this.functions = new Functions(this, "Functions", runtimeProps);
    this.uploads = new UPLOADS[props.uploads ?? "web-function"](this, "Uploads", {
      ...runtimeProps,
      environment: { ...environment, ...directPushEnvironment(props) },
    });
    this.directPushUrl = this.#directPushUrl(props);
    this.api = new RegistryApi(this, "Api", { logRetention });
    this.front = new Front(this, "Front", {
      apiHost: this.api.host,
      stream: this.uploads.origin,
      domain: props.domain,
      webAclArn: props.webAclArn,
    });
    this.api.route(this.functions, this.host);
    new Monitoring(this, "Monitoring", { metrics: this.#metrics(), topic: props.alarmTopic });
    if (props.access !== undefined) this.#applyAccess(props.access, logRetention);
    sendHelperLogsTo(this, createLogGroup(this, "HelperLogs", { retention: logRetention }));
  }

  /** Returns the URL for direct pushes. Conflicting props become an annotation that prevents deployment. */
  #directPushUrl(props: RegistryProps): string | undefined {
    const conflict = findDirectPushConflict(props);
    if (conflict !== undefined) Annotations.of(this).addError(conflict);
    const { publicHost } = this.uploads;
    return props.directPush === true && publicHost !== undefined ? `https://${publicHost}` : undefined;
  }

  /**
   * Applies the access file. An error in the file becomes a one-line annotation that prevents deployment. It is applied last:
   * a deployment that fails earlier changes no permissions.
   */
  #applyAccess(path: string, logRetention: RetentionDays): void {
    const { storage, functions, uploads, api, front } = this;
    const after = [storage, functions, uploads, api, front];
    try {
      new ShippedAccess(this, "Access", { file: readAccessFile(path), storage, logRetention, after });
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      Annotations.of(this).addError(error.message);
    }
  }

  #metrics() {
    return registryMetrics({
      pull: this.functions.pull,
      api: this.functions.api,
      http: this.api.api,
      distribution: this.front.distribution,
      stream: this.uploads,
      table: this.storage.table,
    });
  }

  /** Hostname at the start of image names. */
  get host(): string {
    return this.front.host;
  }
  /** URL of the registry. */
  get url(): string {
    return `https://${this.host}`;
  }
}
