import { isObject } from "../../../soak/json.ts";

/** A statement of an IAM policy, each list with its wildcards. */
export interface Statement {
  readonly effect: "Allow" | "Deny";
  /** What it speaks of; with `not`, all but that. */
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** If there are any, it speaks only of calls that name one of these partitions of a table. */
  readonly leadingKeys: readonly unknown[] | undefined;
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

function leadingKeysOf(condition: unknown): readonly unknown[] | undefined {
  if (condition === undefined) return undefined;
  const operator = soleEntry(condition, "ForAnyValue:StringEquals");
  return listed(soleEntry(operator, "dynamodb:LeadingKeys"));
}

function soleEntry(value: unknown, name: string): unknown {
  if (isObject(value) && Object.keys(value).join() === name) return value[name];
  throw new Error(`a policy's condition is not understood: ${JSON.stringify(value)}`);
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

/** An explicit denial wins; without an explicit permission there is none. */
export function isAllowed(statements: readonly Statement[], access: Access): boolean {
  const speaking = statements.filter((statement) => speaks(statement, access));
  return (
    speaking.some(({ effect }) => effect === "Allow") && speaking.every(({ effect }) => effect === "Allow")
  );
}

function speaks({ actions, resources, leadingKeys }: Statement, access: Access): boolean {
  const named = access.leadingKeys ?? [];
  if (leadingKeys !== undefined && !named.some((key) => leadingKeys.includes(key))) return false;
  return covers(actions, access.action, "i") && covers(resources, access.resource, "");
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
