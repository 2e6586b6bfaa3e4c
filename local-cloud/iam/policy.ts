import { isObject } from "../support/json.ts";

/** A statement of an IAM policy, each list with its wildcards. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  /** What it speaks of; with `not`, all but that. */
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** If there are any, it speaks only of calls that name these partitions of a table. */
  readonly leadingKeys: LeadingKeys | undefined;
}

/** What a call names must be among them: any of it, or all. */
interface LeadingKeys {
  readonly keys: readonly unknown[];
  readonly of: "any" | "all";
}

interface Patterns {
  readonly patterns: readonly string[];
  readonly not: boolean;
}

/** One thing that a call needs. */
export interface Access {
  readonly action: string;
  readonly resource: string;
  /** The partitions of a table that the call names. */
  readonly leadingKeys?: readonly string[];
}

const KNOWN = new Set(["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]);

/** @throws Error for what this cloud does not judge, such as other conditions than that on leading keys */
export function parsePolicy(document: unknown): readonly Statement[] {
  if (!isObject(document)) throw new Error("a policy is not an object");
  return listed(document["Statement"]).map(parseStatement);
}

function parseStatement(value: unknown): Statement {
  if (!isObject(value)) throw new Error("a policy's statement is not an object");
  const unknown = Object.keys(value).filter((name) => !KNOWN.has(name));
  if (unknown.length > 0) throw new Error(`a policy's ${unknown.join(", ")} is not understood`);
  const effect = value["Effect"];
  if (effect !== "Allow" && effect !== "Deny") throw new Error(`a policy's effect is ${String(effect)}`);
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
  if (of === undefined || key !== "dynamodb:LeadingKeys") throw notUnderstood(condition);
  return { keys: listed(keys), of };
}

function soleEntry(value: unknown): readonly [string, unknown] {
  const [entry, ...others] = Object.entries(isObject(value) ? value : {});
  if (entry === undefined || others.length > 0) throw notUnderstood(value);
  return entry;
}

function notUnderstood(condition: unknown): Error {
  return new Error(`a policy's condition is not understood: ${JSON.stringify(condition)}`);
}

function patternsOf(statement: Readonly<Record<string, unknown>>, name: string): Patterns {
  const [positive, negative] = [statement[name], statement[`Not${name}`]];
  const patterns = listed(positive ?? negative).map((pattern) => {
    if (typeof pattern !== "string") throw new Error(`a policy's ${name} is ${JSON.stringify(pattern)}`);
    return pattern;
  });
  return { patterns, not: positive === undefined };
}

function listed(value: unknown): readonly unknown[] {
  if (value === undefined) throw new Error("a policy lacks its statements, actions or resources");
  return Array.isArray(value) ? value : [value];
}

/**
 * An explicit denial wins; without an explicit permission there is none.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function isAllowed(statements: readonly Statement[], access: Access): boolean {
  const speaking = statements.filter((statement) => speaks(statement, access));
  return (
    speaking.some(({ effect }) => effect === "Allow") && speaking.every(({ effect }) => effect === "Allow")
  );
}

function speaks({ actions, resources, leadingKeys }: Statement, access: Access): boolean {
  if (leadingKeys !== undefined && !isMet(leadingKeys, access.leadingKeys ?? [])) return false;
  return covers(actions, access.action, "i") && covers(resources, access.resource, "");
}

/**
 * "ForAllValues" is true also when there is no value: IAM, "Set operators for multivalued context keys".
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function isMet({ keys, of }: LeadingKeys, named: readonly string[]): boolean {
  const isAmong = (key: string) => keys.includes(key);
  return of === "any" ? named.some(isAmong) : named.every(isAmong);
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
