import { Annotations, Duration } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { readAccessFile } from "../auth/access-file/read-access-file.ts";
import { MalformedError } from "../auth/malformed-error.ts";
import { environment } from "./compute/environment.ts";
import { FargateUploads } from "./compute/fargate.ts";
import { Functions } from "./compute/functions.ts";
import type { Uploads } from "./compute/uploads.ts";
import { WebFunctionUploads } from "./compute/web-function.ts";
import { Front, type RegistryDomain } from "./edge/front.ts";
import { RegistryApi } from "./edge/http-api.ts";
import { sendHelperLogsTo } from "./helper-logs.ts";
import { logGroup } from "./logs.ts";
import { registryMetrics } from "./monitoring/metrics.ts";
import { Monitoring } from "./monitoring/monitoring.ts";
import { ShippedAccess } from "./shipped-access.ts";
import { Storage } from "./storage.ts";

export interface RegistryProps {
  /**
   * A hostname of one's own.
   * @default - the distribution's own name, which ends in `.cloudfront.net`
   */
  readonly domain?: RegistryDomain;
  /**
   * The path of an access file: who may do what, as `dockless access apply` takes it. Each deployment that brings another
   * file makes issuers, rules, grants and groups what it says. Accounts are neither made nor removed; those that it does
   * not name are in no group any more.
   * @default - none: nobody may do anything until `dockless access` says so
   */
  readonly access?: string;
  /**
   * What takes request bodies of any size: a Lambda Web Function, or a container on Fargate for regions that have none.
   * @default "web-function"
   */
  readonly uploads?: "web-function" | "fargate";
  /**
   * How long the URLs that pulls are sent to are good for: from a second to an hour. They never outlive the credentials that
   * signed them.
   * @default Duration.minutes(15)
   */
  readonly urlLifetime?: Duration;
  /**
   * Whether pulls are redirected to S3's dual-stack endpoint, which clients reach by IPv4 and IPv6. Its hostnames differ from
   * those of the IPv4 endpoint, which a client's firewall may have to admit.
   * @default true
   */
  readonly dualStack?: boolean;
  /**
   * Whether bucket and table are deleted, with all images, when the stack is.
   * @default false
   */
  readonly destroyData?: boolean;
  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * The ARN of a web ACL (WAF) for the distribution; of scope CLOUDFRONT, in us-east-1.
   * @default - none
   */
  readonly webAclArn?: string;
  /**
   * Where alarms are sent.
   * @default - nowhere: they can be seen in CloudWatch
   */
  readonly alarmTopic?: ITopic;
}

const UPLOADS = { "web-function": WebFunctionUploads, fargate: FargateUploads } as const;

/** A container registry: any OCI client pushes and pulls, and what it stores outlives the stack. */
export class Registry extends Construct {
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
    } = props;
    this.storage = new Storage(this, "Storage", { destroyData });
    const home = {
      storage: this.storage,
      environment: environment({ storage: this.storage, urlLifetime, dualStack }),
      logRetention,
    };
    this.functions = new Functions(this, "Functions", home);
    this.uploads = new UPLOADS[props.uploads ?? "web-function"](this, "Uploads", home);
    this.api = new RegistryApi(this, "Api", { logRetention });
    this.front = new Front(this, "Front", {
      apiHost: this.api.host,
      stream: this.uploads.origin,
      domain: props.domain,
      webAclArn: props.webAclArn,
    });
    this.api.route(this.functions, this.host);
    new Monitoring(this, "Monitoring", { metrics: this.#metrics(), topic: props.alarmTopic });
    if (props.access !== undefined) this.#ship(props.access, logRetention);
    sendHelperLogsTo(this, logGroup(this, "HelperLogs", { retention: logRetention }));
  }

  /**
   * What is wrong with the file is said in one line, and nothing can be deployed. It is applied last of all: a deployment
   * that fails before has changed nobody's rights.
   */
  #ship(path: string, logRetention: RetentionDays): void {
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

  /** What image names begin with. */
  get host(): string {
    return this.front.host;
  }

  get url(): string {
    return `https://${this.host}`;
  }
}
