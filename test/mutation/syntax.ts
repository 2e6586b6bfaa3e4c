import { parseAst } from "vitest/node";

/** A node of the ESTree that Vite's parser returns for TypeScript. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

/** @throws SyntaxError when the text is not TypeScript */
export function parseSource(text: string): Node {
  return parseAst(text, { lang: "ts" }) as unknown as Node;
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/**
 * Lists the direct children of a node in the order of the text. Of two that begin at the same place, like the key and the value
 * of a shorthand property, the longer one is first.
 */
export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node)
    .flat()
    .filter(isNode)
    .sort((one, other) => one.start - other.start || other.end - one.end);
}

/** Returns the child with this name, which the grammar requires. */
export function childOf(node: Node, name: string): Node {
  const child = node[name];
  if (!isNode(child)) throw new Error(`${node.type} has no ${name}`);
  return child;
}

const TRANSPARENT_TYPES: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
]);

/** Whether the node disappears when the types are removed. */
export function isErased({ type }: Node): boolean {
  return type.startsWith("TS") && !TRANSPARENT_TYPES.has(type);
}
