import type { Statement } from "../iam/policy.ts";
import type { Assets } from "./assets.ts";
import type { Resource } from "./resource.ts";
import { parseStatements } from "./roles.ts";
import type { Template } from "./template.ts";
import { parseVariables } from "./variables.ts";

/** Event function in the template. */
export interface FunctionModel {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  /** Folder that contains the code. */
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

/** Reads the function with an ARN, which may include a version. Functions that only CloudFormation invokes are not read. */
export function readFunction(template: Template, assets: Assets, arn: string): FunctionModel {
  return parseFunction(template, assets, functionResource(template, arn));
}

/** Returns a function's resource. @param arn ARN of the function or of one of its versions */
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
  properties.ignore("Architectures", "Description", "FunctionName", "LoggingConfig", "Tags");
  properties.requireOneOf("Runtime", "nodejs24.x");
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
    variables: parseVariables(environment, "Variables"),
    reservedConcurrency: reserved === undefined ? undefined : Number(reserved),
    statements: parseStatements(template, properties.text("Role")),
  };
  properties.rejectUnread();
  return model;
}
