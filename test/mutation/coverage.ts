import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Module } from "./modules.ts";
import { hashOf, listFiles, ROOT, readModule } from "./mutants.ts";
import type { FileCoverage, Selection } from "./session.ts";
import type { Worker } from "./worker.ts";

/** Tests that reach a mutant, the fastest file first. */
export interface Plan {
  readonly selections: readonly Selection[];
  /** Names of the tests, as failures report them. */
  readonly names: readonly string[];
  /** Duration of the tests without a mutation. */
  readonly milliseconds: number;
}

/** Coverage of a module. */
export interface Coverage {
  /** Hash of all sources and tests. */
  readonly stamp: string;
  readonly files: readonly FileCoverage[];
}

type Cache = Readonly<Record<string, { readonly stamp: string; readonly coverage: FileCoverage }>>;

/** Records which tests reach which mutants, by running each test file once. Unchanged files are read from the cache. */
export async function recordCoverage(module: Module, worker: Worker, state: string): Promise<Coverage> {
  const path = join(state, `${module.name}-coverage.json`);
  const previous = await readCache(path);
  const shared = await hashSources(module);
  const cache: Record<string, Cache[string]> = {};
  await mkdir(dirname(path), { recursive: true });
  for (const file of await worker.listTests()) {
    const stamp = hashOf(shared, await readFile(join(ROOT, file), "utf8"));
    const entry = previous[file];
    const isCurrent = entry?.stamp === stamp;
    cache[file] = isCurrent ? entry : { stamp, coverage: await worker.cover(file) };
    if (!isCurrent) await writeFile(path, JSON.stringify({ ...previous, ...cache }));
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

/** Hashes all files that tests may import, and the keys of the mutants in the order of their ids. */
async function hashSources(module: Module): Promise<string> {
  const all = await listFiles("{{lib,bin,functions,local-cloud,test}/**/*.ts,package-lock.json}");
  const isTest = (path: string) => path.endsWith(".test.ts") || path.startsWith("test/mutation/");
  const sources = all.filter((path) => !isTest(path));
  const texts = await Promise.all(sources.map((path) => readFile(join(ROOT, path), "utf8")));
  const { mutants } = await readModule(module);
  return hashOf(...sources, ...texts, ...mutants.map(({ key }) => key));
}

/** Selects the tests for a mutant. A mutant that is reached outside of tests counts as reached by all tests of the file. */
export function selectTests(id: number, { files }: Coverage): Plan {
  const selected = files
    .map(({ file, tests }) => {
      const isOutside = tests.some(({ outside }) => outside.includes(id));
      const passed = tests.filter(({ hasPassed }) => hasPassed);
      const reaching = passed.filter(({ inside }) => isOutside || inside.includes(id));
      const milliseconds = reaching.reduce((sum, test) => sum + test.milliseconds, 0);
      return { file, tests: reaching, milliseconds };
    })
    .filter(({ tests }) => tests.length > 0)
    .sort((one, other) => one.milliseconds - other.milliseconds);
  return {
    selections: selected.map(({ file, tests }) => ({ file, testIds: tests.map(({ id }) => id) })),
    names: selected.flatMap(({ file, tests }) => tests.map(({ name }) => `${file} > ${name}`)),
    milliseconds: selected.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  };
}

/** Lists the tests that fail without a mutation, which are not used. */
export function findFailures({ files }: Coverage): readonly string[] {
  return files.flatMap(({ file, tests }) => {
    return tests.filter(({ hasPassed }) => !hasPassed).map(({ name }) => `${file} > ${name}`);
  });
}
