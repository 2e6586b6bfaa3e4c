import { isRemovable, linkBelow, replacementsOf, type Surroundings, textOf } from "./operators.ts";
import { SWITCH } from "./switch.ts";
import { childrenOf, isErased, isNode, type Node, parseSource } from "./syntax.ts";

/** A change of one expression or statement. */
export interface Mutation {
  /** Name of the function, method or constant that contains it; empty at the top level of the module. */
  readonly scope: string;
  /** Line number, from 1. */
  readonly line: number;
  /** Text of that line, trimmed. */
  readonly text: string;
  readonly original: string;
  /** Replacement text; empty for a statement that is removed. */
  readonly replacement: string;
}

/** Code of a module with all its mutations; the id of each is `firstId` plus its index. */
export interface Instrumented {
  readonly code: string;
  readonly mutations: readonly Mutation[];
}

/** Puts each mutation of a module behind a switch, so that the module is transformed once for all of them. */
export function instrument(source: string, firstId = 0): Instrumented {
  const writer = new Writer(source, firstId);
  const code = writer.write(parseSource(source), { scope: "" });
  return { code, mutations: writer.mutations };
}

interface Context extends Surroundings {
  readonly scope: string;
  /** Whether the node is the only statement of an `if`: its condition is changed to `false` instead of removing it. */
  readonly isOnlyConsequence?: boolean;
}

class Writer {
  readonly mutations: Mutation[] = [];
  readonly #source: string;
  readonly #firstId: number;
  readonly #lines: readonly string[];

  constructor(source: string, firstId: number) {
    this.#source = source;
    this.#firstId = firstId;
    this.#lines = source.split("\n");
  }

  /** Returns the text of a node with the switches inserted. */
  write(node: Node, context: Context): string {
    if (isErased(node) || node.type === "ImportDeclaration") return textOf(node, this.#source);
    const scope = scopeOf(node, context.scope);
    const texts = replacementsOf(node, this.#source, context);
    const switches = texts.map((text) => `${this.#add(node, scope, text)} ? (${text}) : `);
    const removal =
      context.isOnlyConsequence !== true && isRemovable(node) ? this.#add(node, scope, "") : undefined;
    const inner = this.#writeChildren(node, scope, context.isLink ?? false);
    if (removal !== undefined) return `{ if (!${removal}) ${inner} }`;
    return switches.length === 0 ? inner : `(${switches.join("")}(${inner}))`;
  }

  #writeChildren(node: Node, scope: string, isLink: boolean): string {
    let text = "";
    let written = node.start;
    for (const child of childrenOf(node)) {
      if (child.start < written) continue;
      const condition = conditionKind(node, child);
      const context = {
        scope,
        isLink: isChainLink(node, child, isLink),
        isOnlyConsequence: node["consequent"] === child && node["alternate"] === null,
        ...(condition === undefined ? {} : { condition }),
      };
      text += this.#source.slice(written, child.start) + this.write(child, context);
      written = child.end;
    }
    return text + this.#source.slice(written, node.end);
  }

  #add(node: Node, scope: string, replacement: string): string {
    const line = this.#lineOf(node.start);
    const text = this.#lines[line - 1]?.trim() ?? "";
    const id = this.#firstId + this.mutations.length;
    this.mutations.push({ scope, line, text, original: textOf(node, this.#source), replacement });
    return `${SWITCH}(${id})`;
  }

  #lineOf(position: number): number {
    let line = 0;
    for (let end = 0; end <= position; line += 1) end += (this.#lines[line]?.length ?? 0) + 1;
    return line;
  }
}

/** Returns whether a child is a link of an optional chain: neither the chain's expression nor a link's object can be wrapped. */
function isChainLink(node: Node, child: Node, isLink: boolean): boolean {
  if (node.type === "ChainExpression") return true;
  return isLink && linkBelow(node) === child;
}

const LOOPS: ReadonlySet<string> = new Set(["WhileStatement", "DoWhileStatement", "ForStatement"]);
const BRANCHES: ReadonlySet<string> = new Set(["IfStatement", "ConditionalExpression"]);

function conditionKind(node: Node, child: Node): Surroundings["condition"] {
  if (node["test"] !== child) return undefined;
  if (LOOPS.has(node.type)) return "loop";
  return BRANCHES.has(node.type) ? "branch" : undefined;
}

const NAMED_BY_ID: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "ClassDeclaration",
  "VariableDeclarator",
]);
const NAMED_BY_KEY: ReadonlySet<string> = new Set(["MethodDefinition", "PropertyDefinition"]);

/** Returns the name of a node's scope. A variable inside a function does not create a scope. */
function scopeOf(node: Node, outer: string): string {
  if (node.type === "VariableDeclarator" && outer !== "") return outer;
  const name = NAMED_BY_ID.has(node.type)
    ? node["id"]
    : NAMED_BY_KEY.has(node.type)
      ? node["key"]
      : undefined;
  if (!isNode(name) || typeof name["name"] !== "string") return outer;
  const own = name.type === "PrivateIdentifier" ? `#${name["name"]}` : name["name"];
  return outer === "" ? own : `${outer}.${own}`;
}
