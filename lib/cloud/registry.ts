import { Annotations, Duration } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { readAccessFile } from "../auth/access-file/read-access-file.ts";
import { MalformedError } from "../auth/malformed-error.ts";
import { DEFAULT_MAX_DESCRIPTORS } from "../oci/descriptor-limit.ts";
import { storageEnvironment } from "./compute/environment.ts";
import { FargateUploads } from "./compute/fargate.ts";
import { Functions } from "./compute/functions.ts";
import type { Uploads } from "./compute/uploads.ts";
import { WebFunctionUploads } from "./compute/web-function.ts";
import { withField } from "./config/field.ts";
import { limitsOf } from "./config/limits.ts";
import { directPushEnvironment, findDirectPushConflict } from "./direct-push.ts";
import { RegistryApi } from "./edge/http-api.ts";
import { OriginSecrets, parseOriginSecretNames } from "./edge/origin-secrets.ts";
import { RegistryDistribution } from "./edge/registry-distribution.ts";
import { sendHelperLogsTo } from "./helper-logs.ts";
import { createLogGroup } from "./logs.ts";
import { registryMetrics } from "./monitoring/metrics.ts";
import { Monitoring } from "./monitoring/monitoring.ts";
import type { RegistryProps } from "./registry-props.ts";
import { ShippedAccess } from "./shipped-access.ts";
import { Storage } from "./storage.ts";

const UPLOADS = { "web-function": WebFunctionUploads, fargate: FargateUploads } as const;

/** Container registry for any OCI client. Its data outlives the stack by default. */
export class Registry extends Construct {
  /** URL of the web function's own hostname; undefined unless `directPush` is set. */
  readonly directPushUrl: string | undefined;
  readonly storage: Storage;
  readonly functions: Functions;
  readonly api: RegistryApi;
  readonly uploads: Uploads;
  readonly front: RegistryDistribution;

  constructor(scope: Construct, id: string, props: RegistryProps = {}) {
    super(scope, id);
    const { logRetention = RetentionDays.ONE_MONTH, destroyData = false, corsOrigins = [] } = props;
    const limits = limitsOf(props);
    this.storage = new Storage(this, "Storage", { destroyData, allowsWebPages: corsOrigins.length > 0 });
    const originSecrets = createOriginSecrets(this, props);
    const environment = this.#environment(props);
    const runtimeProps = { storage: this.storage, logRetention };
    this.functions = new Functions(this, "Functions", {
      ...runtimeProps,
      environment: { ...environment, ...originSecrets.environment },
      reservedConcurrency: props.reservedConcurrency,
    });
    this.uploads = new UPLOADS[props.uploads ?? "web-function"](this, "Uploads", {
      ...runtimeProps,
      environment: { ...environment, ...directPushEnvironment(props) },
      ...{ originSecrets, limits },
    });
    this.directPushUrl = this.#directPushUrl(props);
    this.api = new RegistryApi(this, "Api", { limits, logRetention });
    this.front = new RegistryDistribution(this, "Front", {
      apiHost: this.api.host,
      stream: this.uploads.origin,
      originSecrets,
      domain: props.domain,
      webAclArn: props.webAclArn,
    });
    // CloudFront may send a new secret only after the origins accept it.
    this.front.distribution.node.addDependency(this.functions, this.uploads);
    this.api.route(this.functions, this.host);
    new Monitoring(this, "Monitoring", { metrics: this.#metrics(), topic: props.alarmTopic });
    if (props.access !== undefined) this.#applyAccess(props.access, logRetention);
    sendHelperLogsTo(this, createLogGroup(this, "HelperLogs", { retention: logRetention }));
  }

  /** Returns the environment variables of all runtimes. */
  #environment({
    urlLifetime = Duration.minutes(15),
    dualStack = true,
    corsOrigins = [],
    maxDescriptors = DEFAULT_MAX_DESCRIPTORS,
    s3Multipart = false,
  }: RegistryProps): Record<string, string> {
    const settings = { urlLifetime, dualStack, corsOrigins, maxDescriptors, s3Multipart };
    return storageEnvironment({ storage: this.storage, ...settings });
  }

  /** Returns the URL for direct pushes. Conflicting props become an annotation that prevents deployment. */
  #directPushUrl(props: RegistryProps): string | undefined {
    const conflict = findDirectPushConflict(props);
    if (conflict !== undefined) Annotations.of(this).addError(conflict);
    const { publicHost } = this.uploads;
    return props.directPush === true && publicHost !== undefined ? `https://${publicHost}` : undefined;
  }

  /**
   * Applies the access file, as the last step, so that a deployment that fails earlier changes no permissions. An error in the
   * file becomes a one-line annotation that prevents deployment.
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

/** Creates the CloudFront origin secrets. @throws RangeError for invalid names */
function createOriginSecrets(scope: Construct, { originSecrets = ["1"] }: RegistryProps): OriginSecrets {
  const names = withField("originSecrets", () => parseOriginSecretNames(originSecrets));
  return new OriginSecrets(scope, "OriginSecrets", names);
}
