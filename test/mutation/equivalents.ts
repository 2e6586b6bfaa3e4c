import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A mutant that no test can kill, because the program behaves the same with it. */
export interface Equivalent {
  readonly key: string;
  readonly why: string;
}

const FOLDER = join(import.meta.dirname, "equivalents");

/** Reads the equivalent mutants of a module: one JSON object per line, with the mutant and the reason. */
export async function readEquivalents(module: string): Promise<readonly Equivalent[]> {
  return parseEquivalents(await readFile(join(FOLDER, `${module}.jsonl`), "utf8"));
}

/** Parses a list of equivalent mutants. @throws SyntaxError or Error with the number of the malformed line */
export function parseEquivalents(text: string): readonly Equivalent[] {
  return text.split("\n").flatMap((line, index) => {
    if (line === "") return [];
    const { mutant: key, why }: { mutant?: unknown; why?: unknown } = JSON.parse(line);
    if (typeof key === "string" && typeof why === "string" && why !== "") return [{ key, why }];
    throw new Error(`line ${index + 1} malformed: write {"mutant": "...", "why": "..."}`);
  });
}
