import { Aws, Duration, Names } from "aws-cdk-lib";
import type { IOrigin } from "aws-cdk-lib/aws-cloudfront";
import { HttpOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { type IMetric, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { Role } from "aws-cdk-lib/aws-iam";
import { CfnWebFunction, CfnWebFunctionEndpoint, CfnWebFunctionRevision } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { type Limits, MAX_CONCURRENCY_PER_ENVIRONMENT } from "../config/limits.ts";
import { ORIGIN_IDS } from "../edge/origin-ids.ts";
import { createLogGroup } from "../logs.ts";
import { FIVE_MINUTE_SUM } from "../monitoring/metrics.ts";
import { createServiceRole, grantWrite } from "../permissions.ts";
import { STREAM_BUNDLE } from "./bundle.ts";
import { READ_TIMEOUT_SECONDS, type Uploads, type UploadsProps } from "./uploads.ts";
import { WebFunctionCode } from "./web-function-code.ts";

/** Lambda's maximum timeout, which must cover a complete upload. */
const TIMEOUT_SECONDS = 900;

/** Maximum length of the name without the region suffix: Lambda limits the full name to 64 characters. */
const MAX_NAME_LENGTH = 40;

interface RevisionParts {
  readonly functionName: string;
  readonly role: Role;
  readonly environment: Record<string, string>;
  readonly limits: Limits;
  readonly code: WebFunctionCode;
}

/**
 * Registry as an HTTP server on Lambda.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
 */
export class WebFunctionUploads extends Construct implements Uploads {
  readonly origin: IOrigin;
  readonly publicHost: string;
  readonly logs: LogGroup;
  readonly failures: IMetric;

  constructor(scope: Construct, id: string, props: UploadsProps) {
    super(scope, id);
    const { storage, originSecrets, limits, logRetention: retention } = props;
    // The name must be unique across the account's regions.
    const functionName = `${Names.uniqueResourceName(this, { maxLength: MAX_NAME_LENGTH, separator: "-" })}-${Aws.REGION}`;
    const name = `/aws/lambda/web/${functionName}`;
    this.logs = createLogGroup(this, "Logs", { retention, name });
    // Lambda writes logs to this group in the serving region, before it collects them in the home region's group.
    const local = createLogGroup(this, "LocalLogs", { retention, name: `${name}.local` });
    this.failures = failuresOf(functionName);
    const role = createServiceRole(this, "lambda.amazonaws.com", this.logs, local);
    grantWrite(role, storage);
    const code = new WebFunctionCode(this, "Code", { bundle: STREAM_BUNDLE, logRetention: retention });
    const environment = { ...props.environment, ...originSecrets.environment };
    const endpoint = this.#serve({ functionName, role, environment, limits, code });
    this.publicHost = endpoint.attrDomainName;
    this.origin = new HttpOrigin(this.publicHost, {
      originId: ORIGIN_IDS.stream,
      readTimeout: Duration.seconds(READ_TIMEOUT_SECONDS),
      customHeaders: originSecrets.headers,
    });
  }

  /** Creates function, revision and endpoint with explicit dependencies, since they refer to each other only by name. */
  #serve(parts: RevisionParts): CfnWebFunctionEndpoint {
    const { functionName, limits } = parts;
    const webFunction = new CfnWebFunction(this, "Function", { functionName });
    const revision = this.#revision(parts);
    revision.node.addDependency(webFunction);
    const endpoint = new CfnWebFunctionEndpoint(this, "Endpoint", {
      functionName,
      endpointName: "default",
      endpointType: "HomeRegion",
      // The application authenticates callers itself.
      authType: "ApplicationManaged",
      throttleConfig: { rateLimit: limits.webFunctionRateLimit },
      scalingConfig: { maxEnvironments: limits.webFunctionMaxEnvironments },
      revisionWeights: [{ revisionId: revision.attrRevisionId, weight: 100 }],
    });
    endpoint.node.addDependency(webFunction, revision);
    return endpoint;
  }

  /** Creates a revision, which is immutable: CloudFormation replaces it on any change. */
  #revision({ functionName, role, environment, code }: RevisionParts): CfnWebFunctionRevision {
    const revision = new CfnWebFunctionRevision(this, "Revision", {
      functionName,
      buildConfig: {
        codeConfig: { s3Object: { bucket: code.bucket.bucketName, key: code.key } },
        runtimeConfig: { runtime: "nodejs24.x" },
      },
      serviceConfig: {
        executionRoleArn: role.roleArn,
        timeoutSeconds: TIMEOUT_SECONDS,
        maxConcurrencyPerEnvironment: MAX_CONCURRENCY_PER_ENVIRONMENT,
        environmentVariables: environment,
        telemetryConfig: { loggingConfig: { logGroup: this.logs.logGroupName } },
      },
    });
    revision.node.addDependency(code, role, this.logs);
    return revision;
  }
}

/**
 * Returns the metric of 5xx responses. It is a query, which covers all values of the metric's other dimensions.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-monitoring-metrics.html
 */
function failuresOf(functionName: string): IMetric {
  return new MathExpression({
    expression: `SELECT SUM(HTTPResponseStatusClass5XX) FROM "AWS/Lambda/Web" WHERE FunctionName = '${functionName}'`,
    usingMetrics: {},
    period: FIVE_MINUTE_SUM.period,
    label: "stream",
  });
}
