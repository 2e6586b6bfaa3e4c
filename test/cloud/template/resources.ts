import type { Template } from "aws-cdk-lib/assertions";

/** Resource of a template, or a part of one, whose properties are read by path. */
export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties?: unknown;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly Condition?: string;
}

export function resourcesOf(template: Template, type: string): readonly Resource[] {
  return Object.entries(template.findResources(type)).map(([id, found]) => ({ Type: type, ...found, id }));
}

/** Returns the only resource whose logical id has a prefix: ids end with a hash. */
export function resourceOf(template: Template, type: string, id = ""): Resource {
  const found = resourcesOf(template, type).filter((resource) => resource.id.startsWith(id));
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw new Error(`expected one ${type} with the id ${id}…, not ${found.length}`);
  return only;
}

/** Returns the value at a path of keys, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (part, key) => (typeof part === "object" && part !== null ? Object(part)[key] : undefined),
    value,
  );
}

export function property(resource: Resource, ...path: readonly (string | number)[]): unknown {
  return at(resource.Properties, ...path);
}

/** Converts a value to a list: an array itself, a single value, or nothing. */
export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Statement of a policy, with lists in place of single values. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  /** Resources as JSON, because names are references to other resources. */
  readonly resources: readonly string[];
  readonly principal: unknown;
  readonly condition: unknown;
}

export function statementsOf(policy: Resource): readonly Statement[] {
  return listOf(property(policy, "PolicyDocument", "Statement")).map((statement) => ({
    effect: String(at(statement, "Effect")),
    actions: listOf(at(statement, "Action")).map(String),
    resources: listOf(at(statement, "Resource")).map((resource) => JSON.stringify(resource)),
    principal: at(statement, "Principal"),
    condition: at(statement, "Condition"),
  }));
}
