import { parseAst } from "vitest/node";

/** A node of the ESTree that Vite's parser returns for TypeScript. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

/** Parses TypeScript. @throws SyntaxError when the text is malformed */
export function parseSource(text: string): Node {
  return parseAst(text, { lang: "ts" }) as unknown as Node;
}

/** Returns whether a value of the tree is a node. */
export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/**
 * Lists the children of a node in the order of the text. Of two with the same start, such as the key and the value of a
 * shorthand property, the longer is first.
 */
export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node)
    .flat()
    .filter(isNode)
    .sort((one, other) => one.start - other.start || other.end - one.end);
}

/** Returns a child that the grammar requires. @throws Error when it is missing */
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

/** Returns whether the removal of types removes the whole node. */
export function isErased({ type }: Node): boolean {
  return type.startsWith("TS") && !TRANSPARENT_TYPES.has(type);
}
