import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diagramsOf, renderDiagram } from "./diagrams.ts";

/** Renders the diagrams of README.md and of docs/ to SVG files: npm run docs:diagrams [-- FOLDER] */
const ROOT = join(import.meta.dirname, "../..");
const [folder = ".cache/diagrams"] = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
for (const page of ["README.md", ...globSync("docs/**/*.md", { cwd: ROOT })]) {
  for (const diagram of diagramsOf(page, readFileSync(join(ROOT, page), "utf8"))) {
    const file = join(folder, `${diagram.name}.svg`);
    writeFileSync(file, renderDiagram(diagram));
    console.log(file);
  }
}
