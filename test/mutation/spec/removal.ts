import { childrenOf, type Node, parseSource } from "../syntax.ts";

/** Nodes that are separated by commas in a list. */
const IN_LISTS: ReadonlySet<string> = new Set(["Property", "SpreadElement"]);

/**
 * Removes the node that begins directly below a comment: a statement, a property or a spread element.
 * @param offset of the line below the comment
 * @throws Error when no removable node begins there
 */
export function removeBelow(text: string, offset: number): string {
  const start = offset + text.slice(offset).search(/\S/);
  const node = outermostAt(parseSource(text), start);
  if (node === undefined) throw new Error(`nothing begins at offset ${start}`);
  const isListed = IN_LISTS.has(node.type);
  if (!isListed && !/Statement$|Declaration$/.test(node.type))
    throw new Error(`${node.type} is not removable`);
  const rest = text.slice(node.end);
  const removed = text.slice(0, start) + (isListed ? rest.replace(/^,/, "") : rest);
  parseSource(removed);
  return removed;
}

function outermostAt(node: Node, start: number): Node | undefined {
  for (const child of childrenOf(node)) {
    if (child.start === start) return child;
    if (child.start < start && start < child.end) return outermostAt(child, start);
  }
  return undefined;
}
