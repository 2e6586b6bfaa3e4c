import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Module } from "./modules.ts";
import { hashOf, listFiles, ROOT, readModule } from "./mutants.ts";
import type { FileCoverage, Selection } from "./session.ts";
import type { Worker } from "./worker.ts";

/** Tests that reach a mutant, ordered by file, fastest first. */
export interface Plan {
  readonly selections: readonly Selection[];
  /** Names of the tests, as failures report them. */
  readonly names: readonly string[];
  /** Duration of the tests without a mutation. */
  readonly milliseconds: number;
}

export interface Coverage {
  /** Hash that changes with every source and every test. */
  readonly stamp: string;
  readonly files: readonly FileCoverage[];
}

type Cache = Readonly<Record<string, { readonly stamp: string; readonly coverage: FileCoverage }>>;

/** Determines which tests reach which mutant, by running each test file once; results of unchanged files are cached. */
export async function recordCoverage(module: Module, worker: Worker, state: string): Promise<Coverage> {
  const path = join(state, `${module.name}-coverage.json`);
  const known = await readCache(path);
  const shared = await hashSources(module);
  const cache: Record<string, Cache[string]> = {};
  await mkdir(dirname(path), { recursive: true });
  for (const file of await worker.listTests()) {
    const stamp = hashOf(shared, await readFile(join(ROOT, file), "utf8"));
    const entry = known[file];
    const isKnown = entry?.stamp === stamp;
    cache[file] = isKnown ? entry : { stamp, coverage: await worker.cover(file) };
    if (!isKnown) await writeFile(path, JSON.stringify({ ...known, ...cache }));
  }
  await writeFile(path, JSON.stringify(cache));
  const entries = Object.values(cache);
  return {
    stamp: hashOf(...entries.map(({ stamp }) => stamp)),
    files: entries.map(({ coverage }) => coverage),
  };
}

async function readCache(path: string): Promise<Cache> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  return JSON.parse(text) as Cache;
}

/** Hashes everything that tests may import, and the mutants that the ids stand for. */
async function hashSources(module: Module): Promise<string> {
  const all = await listFiles("{{lib,bin,functions,local-cloud,test}/**/*.ts,package-lock.json}");
  const isTest = (path: string) => path.endsWith(".test.ts") || path.startsWith("test/mutation/");
  const sources = all.filter((path) => !isTest(path));
  const texts = await Promise.all(sources.map((path) => readFile(join(ROOT, path), "utf8")));
  const { mutants } = await readModule(module);
  return hashOf(...sources, ...texts, ...mutants.map(({ key }) => key));
}

/** Selects the tests for a mutant. A mutant that is reached outside of tests counts for all tests of the file. */
export function planFor(id: number, { files }: Coverage): Plan {
  const chosen = files
    .map(({ file, tests }) => {
      const isOutside = tests.some(({ outside }) => outside.includes(id));
      const passed = tests.filter(({ hasPassed }) => hasPassed);
      const mine = passed.filter(({ inside }) => isOutside || inside.includes(id));
      return { file, tests: mine, milliseconds: mine.reduce((sum, test) => sum + test.milliseconds, 0) };
    })
    .filter(({ tests }) => tests.length > 0)
    .sort((one, other) => one.milliseconds - other.milliseconds);
  return {
    selections: chosen.map(({ file, tests }) => ({ file, testIds: tests.map(({ id }) => id) })),
    names: chosen.flatMap(({ file, tests }) => tests.map(({ name }) => `${file} > ${name}`)),
    milliseconds: chosen.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  };
}

/** Names the tests that fail without a mutation, which therefore prove nothing. */
export function failuresIn({ files }: Coverage): readonly string[] {
  return files.flatMap(({ file, tests }) => {
    return tests.filter(({ hasPassed }) => !hasPassed).map(({ name }) => `${file} > ${name}`);
  });
}
