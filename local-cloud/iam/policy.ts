import { isObject } from "../support/json.ts";

/** Statement of an IAM policy; actions and resources may contain wildcards. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  /** Actions that the statement covers; with `not`, all actions except these. */
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** Condition on the partition keys in a DynamoDB call (`dynamodb:LeadingKeys`). */
  readonly leadingKeys: LeadingKeys | undefined;
}

/** Allowed partition keys: any or all of the partition keys in a call must be among them. */
interface LeadingKeys {
  readonly keys: readonly unknown[];
  readonly of: "any" | "all";
}

interface Patterns {
  readonly patterns: readonly string[];
  readonly not: boolean;
}

/** Permission that a call requires: an action on a resource. */
export interface Permission {
  readonly action: string;
  readonly resource: string;
  /** Partition keys in the call, for DynamoDB. */
  readonly leadingKeys?: readonly string[];
}

const SUPPORTED_ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

/** Parses a policy. @throws Error for unsupported elements, such as conditions on anything except `dynamodb:LeadingKeys` */
export function parsePolicy(document: unknown): readonly Statement[] {
  if (!isObject(document)) throw new Error("policy is not an object");
  return toList(document["Statement"]).map(parseStatement);
}

function parseStatement(value: unknown): Statement {
  if (!isObject(value)) throw new Error("policy statement is not an object");
  const unknown = Object.keys(value).filter((name) => !SUPPORTED_ELEMENTS.has(name));
  if (unknown.length > 0) throw new Error(`unsupported policy element: ${unknown.join(", ")}`);
  const effect = value["Effect"];
  if (effect !== "Allow" && effect !== "Deny")
    throw new Error(`unsupported policy effect: ${String(effect)}`);
  return {
    ...{ effect, actions: patternsOf(value, "Action"), resources: patternsOf(value, "Resource") },
    leadingKeys: leadingKeysOf(value["Condition"]),
  };
}

const OPERATORS: Readonly<Record<string, LeadingKeys["of"]>> = {
  "ForAnyValue:StringEquals": "any",
  "ForAllValues:StringEquals": "all",
};

function leadingKeysOf(condition: unknown): LeadingKeys | undefined {
  if (condition === undefined) return undefined;
  const [operator, compared] = soleEntry(condition);
  const [key, keys] = soleEntry(compared);
  const of = OPERATORS[operator];
  if (of === undefined || key !== "dynamodb:LeadingKeys") throw unsupportedCondition(condition);
  return { keys: toList(keys), of };
}

function soleEntry(value: unknown): readonly [string, unknown] {
  const [entry, ...others] = Object.entries(isObject(value) ? value : {});
  if (entry === undefined || others.length > 0) throw unsupportedCondition(value);
  return entry;
}

function unsupportedCondition(condition: unknown): Error {
  return new Error(`unsupported policy condition: ${JSON.stringify(condition)}`);
}

function patternsOf(statement: Readonly<Record<string, unknown>>, name: string): Patterns {
  const [positive, negative] = [statement[name], statement[`Not${name}`]];
  const patterns = toList(positive ?? negative).map((pattern) => {
    if (typeof pattern !== "string")
      throw new Error(`unsupported policy ${name}: ${JSON.stringify(pattern)}`);
    return pattern;
  });
  return { patterns, not: positive === undefined };
}

function toList(value: unknown): readonly unknown[] {
  if (value === undefined) throw new Error("policy without statements, actions or resources");
  return Array.isArray(value) ? value : [value];
}

/**
 * Returns whether the statements grant the permission: an explicit deny overrides any allow, and the default is deny.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(statements: readonly Statement[], permission: Permission): boolean {
  const applicable = statements.filter((statement) => applies(statement, permission));
  return (
    applicable.some(({ effect }) => effect === "Allow") &&
    applicable.every(({ effect }) => effect === "Allow")
  );
}

function applies({ actions, resources, leadingKeys }: Statement, permission: Permission): boolean {
  if (leadingKeys !== undefined && !isMet(leadingKeys, permission.leadingKeys ?? [])) return false;
  return covers(actions, permission.action, "i") && covers(resources, permission.resource, "");
}

/**
 * Returns whether the condition is met. An absent key satisfies `ForAllValues`: "Set operators for multivalued context keys".
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function isMet({ keys, of }: LeadingKeys, named: readonly string[]): boolean {
  const isListed = (key: string) => keys.includes(key);
  return of === "any" ? named.some(isListed) : named.every(isListed);
}

function covers({ patterns, not }: Patterns, text: string, flags: "i" | ""): boolean {
  return patterns.some((pattern) => wildcard(pattern, flags).test(text)) !== not;
}

function wildcard(pattern: string, flags: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, `s${flags}`);
}
