import type { Statement } from "../iam/policy.ts";
import type { Assets } from "./assets.ts";
import type { Properties } from "./properties.ts";
import { parseStatements } from "./roles.ts";
import type { Template } from "./template.ts";
import { parseVariables } from "./variables.ts";
import { parseMaxEnvironments, parseRateLimit } from "./web-function-limits.ts";

/** Web function in the template. */
export interface WebFunctionModel {
  readonly name: string;
  readonly domainName: string;
  /** Folder that contains the code. */
  readonly code: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Time limit in seconds. */
  readonly timeout: number;
  readonly maxConcurrency: number;
  readonly maxEnvironments: number;
  /** Maximum number of requests per second; undefined if only the account's quota applies, which is not emulated. */
  readonly rateLimit: number | undefined;
  readonly statements: readonly Statement[];
}

/** Minimum, maximum and default timeout of a revision: AWS::Lambda::WebFunctionRevision */
const TIMEOUT_SECONDS = { least: 3, most: 900, otherwise: 30 };
const CONCURRENCY = { least: 1, most: 128, otherwise: 64 };
/** Substitute for the account's vCPU quota. */
const MAX_ENVIRONMENTS = 100;

/** Reads the stack's web function. */
export function parseWebFunction(template: Template, assets: Assets): WebFunctionModel {
  const name = template.nameOf(template.only("AWS::Lambda::WebFunction"));
  const revision = template.only("AWS::Lambda::WebFunctionRevision");
  const properties = template.propertiesOf(revision).ignore("Description");
  requireName(properties, name);
  const service = properties.object("ServiceConfig").ignore("TelemetryConfig");
  const build = properties.object("BuildConfig");
  build.object("RuntimeConfig").requireOneOf("Runtime", "nodejs24.x");
  const object = build.object("CodeConfig").object("S3Object");
  const model = {
    name,
    ...endpointOf(template, name, template.nameOf(revision)),
    code: assets.folderOf(sourceOf(template, object.text("Bucket"), object.text("Key"))),
    variables: parseVariables(service, "EnvironmentVariables"),
    timeout: numberInRange(service, "TimeoutSeconds", TIMEOUT_SECONDS),
    maxConcurrency: numberInRange(service, "MaxConcurrencyPerEnvironment", CONCURRENCY),
    statements: parseStatements(template, service.text("ExecutionRoleArn")),
  };
  for (const part of [object, build, service, properties]) part.rejectUnread();
  return model;
}

function endpointOf(template: Template, name: string, revision: string) {
  const resource = template.only("AWS::Lambda::WebFunctionEndpoint");
  const endpoint = template.propertiesOf(resource).ignore("Description", "EndpointName");
  requireName(endpoint, name);
  endpoint.requireOneOf("AuthType", "ApplicationManaged");
  endpoint.requireOneOf("EndpointType", "HomeRegion");
  const [weights, ...others] = endpoint.objects("RevisionWeights");
  if (weights === undefined || others.length > 0) throw new Error(`${endpoint.where} must have one revision`);
  weights.requireOneOf("RevisionId", revision);
  weights.requireOneOf("Weight", 100);
  weights.rejectUnread();
  const maxEnvironments = parseMaxEnvironments(endpoint.optional("ScalingConfig")) ?? MAX_ENVIRONMENTS;
  const rateLimit = parseRateLimit(endpoint.optional("ThrottleConfig"));
  endpoint.rejectUnread();
  const domainName = String(template.resolve({ "Fn::GetAtt": [resource.id, "DomainName"] }));
  return { maxEnvironments, rateLimit, domainName };
}

/** Requires the function's name, which connects the three resources of a web function. */
function requireName(properties: Properties, name: string): void {
  properties.requireOneOf("FunctionName", name);
}

function numberInRange(
  service: Properties,
  name: string,
  { least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
  const value = service.number(name, otherwise);
  if (value < least || value > most) throw new Error(`${service.where}.${name} is out of range: ${value}`);
  return value;
}

/**
 * Returns the key of the asset that the deployment copies to the code bucket, which must be versioned.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html
 */
function sourceOf(template: Template, bucket: string, key: string): string {
  const isVersioned = template.ofType("AWS::S3::Bucket").some((resource) => {
    const versioning = template.propertiesOf(resource).optional("VersioningConfiguration");
    return template.nameOf(resource) === bucket && versioning?.get("Status") === "Enabled";
  });
  if (!isVersioned) throw new Error(`the bucket of the web function's code is not versioned: ${bucket}`);
  for (const resource of template.ofType("Custom::CDKBucketDeployment")) {
    const deployment = parseDeployment(template.propertiesOf(resource));
    if (deployment.bucket === bucket && deployment.keys.includes(key)) return key;
  }
  throw new Error(`no deployment copies ${key} to the bucket of the web function's code`);
}

function parseDeployment(properties: Properties) {
  properties.ignore("ServiceToken", "SourceBucketNames", "WaitForDistributionInvalidation");
  properties.ignore("OutputObjectKeys", "Prune");
  properties.requireOneOf("Extract", false);
  const deployment = {
    bucket: properties.text("DestinationBucketName"),
    keys: properties.texts("SourceObjectKeys"),
  };
  properties.rejectUnread();
  return deployment;
}
