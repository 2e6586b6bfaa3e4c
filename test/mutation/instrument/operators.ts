import { childOf, childrenOf, isNode, type Node } from "./syntax.ts";

const BINARY: Readonly<Record<string, readonly string[]>> = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "%": ["*"],
  "**": ["*"],
  "&": ["|"],
  "|": ["&"],
  "^": ["&"],
  "<<": [">>"],
  ">>": ["<<"],
  ">>>": ["<<"],
};

const LOGICAL: Readonly<Record<string, string>> = { "&&": "||", "||": "&&" };

const ASSIGNMENT: Readonly<Record<string, string>> = {
  "+=": "-=",
  "-=": "+=",
  "*=": "/=",
  "/=": "*=",
  "??=": "=",
  "||=": "&&=",
  "&&=": "||=",
};

const METHODS: ReadonlyMap<string, string> = new Map([
  ["some", "every"],
  ["every", "some"],
  ["min", "max"],
  ["max", "min"],
  ["startsWith", "endsWith"],
  ["endsWith", "startsWith"],
]);

/** Context of a node that determines its possible changes. */
export interface Surroundings {
  /** Kind of the statement or expression whose condition the node is: `branch` for `if` and `?:`. */
  readonly condition?: "branch" | "loop";
  /** Whether the node is a link of an optional chain, which cannot be replaced without the whole chain. */
  readonly isLink?: boolean;
}

/** Returns the possible replacements of an expression, without duplicates. */
export function replacementsOf(node: Node, source: string, surroundings: Surroundings): readonly string[] {
  const all = [...conditionsFor(surroundings), ...operatorsFor(node, source, surroundings)];
  return [...new Set(all)].filter((text) => text !== textOf(node, source));
}

function conditionsFor({ condition }: Surroundings): readonly string[] {
  if (condition === undefined) return [];
  return condition === "loop" ? ["false"] : ["true", "false"];
}

function operatorsFor(node: Node, source: string, { isLink }: Surroundings): readonly string[] {
  switch (node.type) {
    case "BinaryExpression":
      return binaryOf(node, source);
    case "LogicalExpression":
      return node["operator"] === "??" ? [withoutDefault(node, source)] : swapLogical(node, source);
    case "AssignmentExpression":
      return swapOperator(node, source, [ASSIGNMENT[String(node["operator"])]]);
    case "UpdateExpression":
      return [textOf(node, source).replace(/\+\+|--/, (found) => (found === "++" ? "--" : "++"))];
    case "UnaryExpression":
      return unaryOf(node, source);
    case "Literal":
      return typeof node["value"] === "boolean" ? [String(!node["value"])] : [];
    case "ChainExpression":
      return linksOf(node, source);
    case "CallExpression":
      return isLink === true ? [] : methodOf(node, source);
    default:
      return [];
  }
}

function binaryOf(node: Node, source: string): readonly string[] {
  if (node["operator"] === "+" && isText(node)) return [];
  if (node["operator"] === "in" || node["operator"] === "instanceof") return [`!(${textOf(node, source)})`];
  return swapOperator(node, source, BINARY[String(node["operator"])] ?? []);
}

/** Returns whether a sum is a concatenation of strings, to which no other operator applies. */
function isText(node: Node): boolean {
  if (node.type === "TemplateLiteral") return true;
  if (node.type === "Literal") return typeof node["value"] === "string";
  return (
    node.type === "BinaryExpression" && (isText(childOf(node, "left")) || isText(childOf(node, "right")))
  );
}

function unaryOf(node: Node, source: string): readonly string[] {
  const argument = textOf(childOf(node, "argument"), source);
  if (node["operator"] === "!") return [argument];
  return node["operator"] === "-" ? [`+${argument}`] : [];
}

function swapLogical(node: Node, source: string): readonly string[] {
  return swapOperator(node, source, [LOGICAL[String(node["operator"])]]);
}

/** Replaces `??` by `&&`. Operands with other logical operators need parentheses. */
function withoutDefault(node: Node, source: string): string {
  const [left, right] = ["left", "right"].map((name) => {
    const operand = childOf(node, name);
    const text = textOf(operand, source);
    return operand.type === "LogicalExpression" ? `(${text})` : text;
  });
  return `${left} && ${right}`;
}

function swapOperator(node: Node, source: string, others: readonly (string | undefined)[]): string[] {
  const operator = String(node["operator"]);
  const [left, right] = [childOf(node, "left"), childOf(node, "right")];
  const at = source.indexOf(operator, left.end);
  if (at === -1 || at >= right.start) return [];
  return others
    .filter((other) => other !== undefined)
    .map((other) => source.slice(node.start, at) + other + source.slice(at + operator.length, node.end));
}

/** Returns variants of a chain, each without one of its `?.`. */
function linksOf(chain: Node, source: string): readonly string[] {
  return optionalLinks(childOf(chain, "expression")).map((link) => {
    const before = childOf(link, link.type === "CallExpression" ? "callee" : "object").end;
    const at = source.indexOf("?.", before);
    const isName = link.type === "MemberExpression" && link["computed"] !== true;
    return source.slice(chain.start, at) + (isName ? "." : "") + source.slice(at + 2, chain.end);
  });
}

function optionalLinks(node: Node): readonly Node[] {
  const below = linkBelow(node);
  return [...(below === undefined ? [] : optionalLinks(below)), ...(node["optional"] === true ? [node] : [])];
}

/** Returns the preceding link of a chain. */
export function linkBelow(node: Node): Node | undefined {
  const below = node.type === "CallExpression" ? node["callee"] : node["object"];
  return isNode(below) ? below : undefined;
}

function methodOf(node: Node, source: string): readonly string[] {
  const callee = childOf(node, "callee");
  if (callee.type !== "MemberExpression" || callee["computed"] === true) return [];
  const property = childOf(callee, "property");
  const other = METHODS.get(String(property["name"]));
  if (other === undefined) return [];
  return [source.slice(node.start, property.start) + other + source.slice(property.end, node.end)];
}

/** Returns whether the program is still meaningful without the statement. */
export function isRemovable(node: Node): boolean {
  switch (node.type) {
    case "ExpressionStatement":
      return !("directive" in node && node["directive"] !== null) && !callsSuper(node);
    case "ReturnStatement":
      return node["argument"] === null;
    case "ThrowStatement":
    case "BreakStatement":
    case "ContinueStatement":
      return true;
    default:
      return false;
  }
}

/** Returns whether a statement calls `super`, without which every constructor of a subclass fails. */
function callsSuper(node: Node): boolean {
  return childrenOf(node).some(
    (child) => child.type === "CallExpression" && childOf(child, "callee").type === "Super",
  );
}

/** Returns the source text of a node. */
export function textOf({ start, end }: Node, source: string): string {
  return source.slice(start, end);
}
