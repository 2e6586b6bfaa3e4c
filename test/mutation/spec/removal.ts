import { childrenOf, type Node, parseSource } from "../instrument/syntax.ts";

/** Types of nodes that are separated by commas. */
const LISTED_TYPES: ReadonlySet<string> = new Set(["Property", "SpreadElement"]);

/**
 * Removes the code that begins directly below a comment: a statement, a property or an element with a spread.
 *
 * @param offset start of the line below the comment
 * @throws Error when no such code begins there
 */
export function removeBelow(text: string, offset: number): string {
  const start = offset + text.slice(offset).search(/\S/);
  const node = findOutermost(parseSource(text), start);
  if (node === undefined) throw new Error(`nothing begins at offset ${start}`);
  const isListed = LISTED_TYPES.has(node.type);
  if (!isListed && !/Statement$|Declaration$/.test(node.type))
    throw new Error(`${node.type} is not removable`);
  const rest = text.slice(node.end);
  const removed = text.slice(0, start) + (isListed ? rest.replace(/^,/, "") : rest);
  parseSource(removed);
  return removed;
}

/** Finds the outermost node that starts at an offset. */
function findOutermost(node: Node, start: number): Node | undefined {
  for (const child of childrenOf(node)) {
    if (child.start === start) return child;
    if (child.start < start && start < child.end) return findOutermost(child, start);
  }
  return undefined;
}
