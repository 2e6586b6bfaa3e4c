import type { Statement } from "../iam/policy.ts";
import type { Assets } from "./assets.ts";
import type { Resource } from "./resource.ts";
import { statementsOf } from "./roles.ts";
import type { Template } from "./template.ts";
import { variablesOf } from "./variables.ts";

export interface FunctionModel {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** The folder with the code. */
  readonly code: string;
  readonly handler: string;
  /** Megabytes. */
  readonly memory: number;
  /** Seconds. */
  readonly timeout: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly reservedConcurrency: number | undefined;
  readonly statements: readonly Statement[];
}

/** The function of an ARN, or of a version's. Those that only CloudFormation calls are never asked for. */
export function functionOf(template: Template, assets: Assets, arn: string): FunctionModel {
  return parseFunction(template, assets, functionResource(template, arn));
}

/** @param arn of the function, or of a version of it */
export function functionResource(template: Template, arn: string): Resource {
  const unqualified = arn.replace(/:\d+$/, "");
  const isIt = (resource: Resource) => template.arnOf(resource) === unqualified;
  const found = template.ofType("AWS::Lambda::Function").find(isIt);
  if (found === undefined) throw new Error(`there is no function ${arn}`);
  return found;
}

function parseFunction(template: Template, assets: Assets, resource: Resource): FunctionModel {
  const properties = template.propertiesOf(resource);
  // What runs on arm64 is JavaScript, and runs here as well.
  properties.withoutEffect("Architectures", "Description", "FunctionName", "LoggingConfig", "Tags");
  properties.oneOf("Runtime", "nodejs24.x");
  const reserved = properties.get("ReservedConcurrentExecutions");
  const environment = properties.optional("Environment");
  const model = {
    id: resource.id,
    name: template.nameOf(resource),
    arn: template.arnOf(resource),
    code: assets.folderOf(properties.object("Code").text("S3Key")),
    handler: properties.text("Handler"),
    memory: properties.number("MemorySize", 128),
    timeout: properties.number("Timeout", 3),
    variables: variablesOf(environment, "Variables"),
    reservedConcurrency: reserved === undefined ? undefined : Number(reserved),
    statements: statementsOf(template, properties.text("Role")),
  };
  properties.finish();
  return model;
}
