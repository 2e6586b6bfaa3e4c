import { basename } from "node:path";
import { renderMermaidSVG } from "beautiful-mermaid";

/** A Mermaid diagram of a documentation page. */
export interface Diagram {
  /** Name of the page and anchor of the heading above the diagram, for example `architecture-on-aws`. */
  readonly name: string;
  readonly source: string;
}

const HEADING_OR_DIAGRAM = /^#+ (?<heading>.+)$|^```mermaid\n(?<source>[\s\S]*?)^```$/gm;
/** Import of a font from another host: an image must not cause requests. */
const FONT_IMPORT = /^\s*@import url\(.*\);\n/m;

/** Returns the diagrams of a page in their order; those below one heading are numbered from the second on. */
export function diagramsOf(path: string, text: string): readonly Diagram[] {
  const names: string[] = [];
  const diagrams: Diagram[] = [];
  let heading = "";
  for (const { groups } of text.matchAll(HEADING_OR_DIAGRAM)) {
    if (groups?.["heading"] !== undefined) heading = groups["heading"];
    if (groups?.["source"] === undefined) continue;
    const name = `${basename(path, ".md")}-${slugOf(heading)}`;
    names.push(name);
    const count = names.filter((other) => other === name).length;
    diagrams.push({ name: count === 1 ? name : `${name}-${count}`, source: groups["source"] });
  }
  return diagrams;
}

function slugOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

/**
 * Renders a diagram without a browser.
 * @throws Error when the source is malformed, with the diagram's name
 */
export function renderDiagram({ name, source }: Diagram): string {
  try {
    return renderMermaidSVG(source).replace(FONT_IMPORT, "");
  } catch (error) {
    throw new Error(`diagram ${name} is malformed: correct its Mermaid source`, { cause: error });
  }
}
