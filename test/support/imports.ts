import { readdir, readFile } from "node:fs/promises";
import { dirname, join, normalize, relative } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** Matches `import … from "x"`, `export … from "x"` and `import "x"`, including types. */
const STATEMENT = /^(?:import|export)\b(?:[^;"'`]*?\bfrom)?\s*["']([^"']+)["']/gm;
const EXPRESSION = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** Matches `import type … from "x"` and `export type … from "x"`, which are erased. */
const TYPES_ONLY = /^(?:import|export)\s+type\b[^;"'`]*?\bfrom\s*["'][^"']+["']/gm;

/** Source file, with paths relative to the repository's root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** Imports: own files by path, packages and built-in modules by name. */
  readonly imports: readonly string[];
}

/** Reads the TypeScript files below a folder of the repository; none when it does not exist. */
export async function readSources(folder: string): Promise<readonly SourceFile[]> {
  const names = await readdir(join(ROOT, folder), { recursive: true }).catch(() => []);
  const paths = names.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
  return await Promise.all(paths.sort().map(readSource));
}

async function readSource(path: string): Promise<SourceFile> {
  const text = await readFile(join(ROOT, path), "utf8");
  return { path, text, imports: importsOf(path, text) };
}

/** Returns all imports of a file. */
export function importsOf(path: string, text: string): readonly string[] {
  const specifiers = [...text.matchAll(STATEMENT), ...text.matchAll(EXPRESSION)].map(
    (match) => match[1] ?? "",
  );
  return specifiers.map((specifier) => (specifier.startsWith(".") ? resolve(path, specifier) : specifier));
}

/** Returns the imports that exist at run time. */
export function valueImportsOf({ path, text }: Pick<SourceFile, "path" | "text">): readonly string[] {
  return importsOf(path, text.replaceAll(TYPES_ONLY, ""));
}

function resolve(path: string, specifier: string): string {
  return relative(".", normalize(join(dirname(path), specifier)));
}

/** Returns the first import cycle, or undefined. */
export function findCycle(files: readonly SourceFile[]): readonly string[] | undefined {
  const imports = new Map(files.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const visit = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of imports.get(path) ?? []) {
      const cycle = visit(next, [...way, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const file of files) {
    const cycle = visit(file.path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
