import type { Statement } from "../iam/policy.ts";
import type { Assets } from "./assets.ts";
import type { Resource } from "./resource.ts";
import { statementsOf } from "./roles.ts";
import type { Template } from "./template.ts";
import { variablesOf } from "./variables.ts";

/** Event function in the template. */
export interface FunctionModel {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** Folder of the code. */
  readonly code: string;
  readonly handler: string;
  /** Memory in megabytes. */
  readonly memory: number;
  /** Time limit in seconds. */
  readonly timeout: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly reservedConcurrency: number | undefined;
  readonly statements: readonly Statement[];
}

/** Reads the function with an ARN, which may name a version. Functions that only CloudFormation calls are not read. */
export function functionOf(template: Template, assets: Assets, arn: string): FunctionModel {
  return parseFunction(template, assets, functionResource(template, arn));
}

/** Returns the resource of a function. @param arn ARN of the function, or of a version of it */
export function functionResource(template: Template, arn: string): Resource {
  const unqualified = arn.replace(/:\d+$/, "");
  const isFunction = (resource: Resource) => template.arnOf(resource) === unqualified;
  const found = template.ofType("AWS::Lambda::Function").find(isFunction);
  if (found === undefined) throw new Error(`function not found: ${arn}`);
  return found;
}

function parseFunction(template: Template, assets: Assets, resource: Resource): FunctionModel {
  const properties = template.propertiesOf(resource);
  // The code for arm64 is JavaScript, which runs on every architecture.
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
