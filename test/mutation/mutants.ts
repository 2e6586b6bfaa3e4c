import { createHash } from "node:crypto";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { instrument, type Mutation } from "./instrument/instrument.ts";
import type { Module } from "./modules.ts";

/** Path of the root of the project. */
export const ROOT = join(import.meta.dirname, "../..");

/** A mutation of one file of a module. */
export interface Mutant extends Mutation {
  readonly id: number;
  /** Path below the root of the project. */
  readonly file: string;
  /** Identifier by content, which a move of the file or new lines above do not change. */
  readonly key: string;
}

/** A source file of a module. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  /** ID of the first mutant; the others are numbered consecutively. */
  readonly firstId: number;
}

/** Source files and mutants of a module. */
export interface MutatedModule {
  readonly files: readonly SourceFile[];
  readonly mutants: readonly Mutant[];
}

/** Lists all mutants of a module. Ids depend on the sources only, and are the same in every process. */
export async function readModule({ sources }: Module): Promise<MutatedModule> {
  const files: SourceFile[] = [];
  const mutants: Mutant[] = [];
  const counts = new Map<string, number>();
  for (const path of (await listFiles(sources)).filter((path) => !path.endsWith(".d.ts"))) {
    const text = await readFile(join(ROOT, path), "utf8");
    files.push({ path, text, firstId: mutants.length });
    for (const mutation of instrument(text).mutations) {
      const name = keyOf(mutation);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const key = count === 1 ? name : `${name} (${count})`;
      mutants.push({ ...mutation, id: mutants.length, file: path, key });
    }
  }
  return { files, mutants };
}

/** Lists the files of the project that match a pattern, sorted. */
export async function listFiles(pattern: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const path of glob(pattern, { cwd: ROOT })) paths.push(path);
  return paths.sort();
}

function keyOf({ scope, text, original, replacement }: Mutation): string {
  const change = replacement === "" ? "removed" : `-> ${shorten(replacement)}`;
  const where = original === text ? "" : ` in ${shorten(text)}`;
  return `${scope}: ${shorten(original)} ${change}${where}`;
}

const MAX_TEXT_LENGTH = 160;

/** Puts a text on one line, and cuts a long one to its beginning and a hash of the whole. */
function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= MAX_TEXT_LENGTH) return line;
  return `${line.slice(0, MAX_TEXT_LENGTH)}… #${hashOf(line).slice(0, 8)}`;
}

/** Computes the SHA-256 hash of texts, in hexadecimal. */
export function hashOf(...texts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex");
}

/** Selects mutants at random: the same ones for the same seed, and mostly the same after a change of the sources. */
export function sample(mutants: readonly Mutant[], size: number, seed: string): readonly Mutant[] {
  return mutants
    .map((mutant) => ({ mutant, rank: hashOf(seed, mutant.key) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))
    .slice(0, size)
    .map(({ mutant }) => mutant);
}
