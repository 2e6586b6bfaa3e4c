import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { findCycle, importsOf, readSources, type SourceFile, valueImportsOf } from "./support/imports.ts";
import { classesIn, mutableState } from "./support/module-state.ts";

/** Folders and files of this project that each folder may import besides itself: docs/architecture.md */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "lib/oci/": [],
  "lib/concurrency/": [],
  "lib/metrics/": [],
  "lib/web/": ["lib/"],
  "lib/ports/": ["lib/oci/"],
  "lib/client/": ["lib/oci/", "lib/concurrency/"],
  "lib/registry/": ["lib/oci/", "lib/ports/", "lib/concurrency/"],
  "lib/auth/": ["lib/oci/", "lib/ports/", "lib/concurrency/"],
  "lib/storage/": ["lib/oci/", "lib/ports/", "lib/concurrency/"],
  "lib/doctor/": ["lib/oci/", "lib/client/", "lib/concurrency/"],
  "lib/http/": ["lib/oci/", "lib/ports/", "lib/concurrency/", "lib/registry/", "lib/auth/"],
  "lib/cloud/": ["lib/oci/", "lib/auth/", "lib/ports/"],
  "lib/cli/": [
    ...["oci", "ports", "concurrency", "client", "registry", "auth", "storage", "doctor", "http"].map(
      (folder) => `lib/${folder}/`,
    ),
    "package.json",
  ],
  "bin/": ["lib/cli/", "lib/cloud/"],
  "functions/": ["oci", "concurrency", "ports", "registry", "auth", "storage", "http"].map(
    (folder) => `lib/${folder}/`,
  ),
  "local-cloud/": ["lib/"],
  "bench/": ["lib/", "local-cloud/"],
};

const FOLDERS = Object.keys(MAY_IMPORT);
const files = (
  await Promise.all(["bin", "functions", "lib", "local-cloud", "bench"].map(readSources))
).flat();

const isProjectPath = (path: string) =>
  /^(lib|bin|functions|local-cloud|test|bench)\/|^package\.json$/.test(path);
const filesIn = (folder: string) => files.filter(({ path }) => path.startsWith(folder));

/** Finds imports of a file from outside of its own folder and the allowed ones, as `file -> file`. */
function findForbiddenImports(
  file: SourceFile,
  folder: string,
  allowed: readonly string[],
): readonly string[] {
  const isAllowed = (target: string) => [folder, ...allowed].some((prefix) => target.startsWith(prefix));
  return file.imports
    .filter((target) => isProjectPath(target) && !isAllowed(target))
    .map((target) => `${file.path} -> ${target}`);
}

/** Finds imports of values of this project in code for browsers, which may import types only. */
function findValueImports(file: Pick<SourceFile, "path" | "text">): readonly string[] {
  return valueImportsOf(file).filter((target) => isProjectPath(target) && !target.startsWith("lib/web/"));
}

describe("imports", () => {
  it("are found", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.find(({ path }) => path === "bin/dockless.ts")?.imports).toContain("lib/cli/cli.ts");
    expect(files.find(({ path }) => path === "lib/storage/disk/records.ts")?.imports).toEqual(
      expect.arrayContaining(["lmdb", "lib/ports/record-store.ts", "lib/storage/condition.ts"]),
    );
  });

  it.each(Object.entries(MAY_IMPORT))("of %s are of itself and %j only", (folder, allowed) => {
    expect(filesIn(folder).flatMap((file) => findForbiddenImports(file, folder, allowed))).toEqual([]);
  });

  it("have a rule for every folder", () => {
    const without = files.filter(({ path }) => !FOLDERS.some((folder) => path.startsWith(folder)));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it("of lib/oci are of itself only, without modules of Node", () => {
    const outside = filesIn("lib/oci/").flatMap(({ imports }) =>
      imports.filter((target) => !isProjectPath(target)),
    );
    expect(outside).toEqual([]);
  });

  it("of the web UI are of types only", () => {
    expect(filesIn("lib/web/").flatMap(findValueImports)).toEqual([]);
  });

  it("of the CDK are in the constructs and in the app only", () => {
    const isCdk = (target: string) => /^(aws-cdk-lib|constructs)(\/|$)/.test(target);
    const importers = files.filter(({ imports }) => imports.some(isCdk)).map(({ path }) => path);
    expect(importers).toContain("lib/cloud/registry.ts");
    expect(importers.filter((path) => !path.startsWith("lib/cloud/") && path !== "bin/app.ts")).toEqual([]);
  });

  it("of a storage adapter are of no other adapter", () => {
    const adapterOf = (path: string) => /^lib\/storage\/([^/]+)\//.exec(path)?.[1];
    const wrong = filesIn("lib/storage/").flatMap(({ path, imports }) =>
      imports
        .filter((target) => adapterOf(target) !== undefined && adapterOf(target) !== adapterOf(path))
        .map((target) => `${path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("have no cycles", () => {
    expect(findCycle(files)).toBeUndefined();
  });
});

describe("exports", () => {
  it("have names", () => {
    const unnamed = files.filter(({ text }) => /^export default\b|^export \{[^}]*\bas default\b/m.test(text));
    expect(unnamed.map(({ path }) => path)).toEqual([]);
  });

  it("come from the file that defines them", () => {
    const barrels = files.filter(({ text }) => /^export\b[^;"'`=(]*\bfrom\s*["']/m.test(text));
    expect(barrels.map(({ path }) => path)).toEqual([]);
  });
});

/** Limits on the files of a folder and the lines of a file: CONTRIBUTING.md */
const LIMITS = [
  { roots: ["lib", "bin", "functions"], maxFiles: 14, maxLines: 250 },
  { roots: ["test"], maxFiles: 20, maxLines: 300 },
] as const;

const ROOT = join(import.meta.dirname, "..");

/** Lists the paths of all files below the roots, of every type. */
async function listPaths(roots: readonly string[]): Promise<readonly string[]> {
  const found = roots.map(async (root) => {
    const entries = await readdir(join(ROOT, root), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  });
  return (await Promise.all(found)).flat().map((path) => relative(ROOT, path));
}

async function countLines(path: string): Promise<number> {
  return (await readFile(join(ROOT, path), "utf8")).split("\n").length - 1;
}

describe.each(LIMITS)("below $roots", ({ roots, maxFiles, maxLines }) => {
  it(`a folder has at most ${maxFiles} files`, async () => {
    const paths = await listPaths(roots);
    const folders = Map.groupBy(paths, (path) => dirname(path));
    expect(paths.length).toBeGreaterThan(50);
    expect([...folders].filter(([, inside]) => inside.length > maxFiles).map(([folder]) => folder)).toEqual(
      [],
    );
  });

  it(`a file of code has at most ${maxLines} lines`, async () => {
    const code = (await listPaths(roots)).filter((path) => /\.[cm]?[jt]s$/.test(path));
    const lengths = await Promise.all(code.map(async (path) => ({ path, lines: await countLines(path) })));
    expect(lengths.length).toBeGreaterThan(50);
    expect(lengths.filter(({ lines }) => lines > maxLines)).toEqual([]);
  });
});

describe("modules", () => {
  it("hold no state: it is created at a composition root and passed", () => {
    const modules = ["lib/", "bin/", "functions/"].flatMap(filesIn);
    const classes = classesIn(modules);
    expect(classes).toContain("Semaphore");
    const state = modules.flatMap(({ path, text }) =>
      mutableState(text, classes).map((name) => `${path}: ${name}`),
    );
    expect(state).toEqual([]);
  });
});

describe("the search for state", () => {
  it.each([
    "let a;",
    "export let a: string | undefined;",
    "var a = 1;",
    "const a = new Map();",
    "const a = new Map<string, () => void>();",
    "export const a: Map<string, number> = new Map([]);",
    "const a = new Set([1]);",
    "const a = new WeakMap<object, string>();",
    "const a = new Semaphore(2);",
    "const a = {\n  b: () => 1,\n  c: new Semaphore(2),\n};",
    "const a = [(b: string) => [b], new Semaphore(2)];",
    "const a = wrap(() => {\n  run();\n}, new Semaphore(2));",
    "export const a = Buffer.alloc(10);",
    "class B {\n  static a = 1;\n}",
    "class B {\n  static readonly a: string[] = [];\n}",
  ])("finds %j", (text) => {
    expect(mutableState(`const first = 1;\n\n${text}\nrun();\n`, ["Semaphore"])).toEqual(["a"]);
  });

  it.each([
    "const a = 1;",
    "const a: ReadonlySet<string> = new Set([]);",
    "export const a: ReadonlyMap<string, string> = new Map([]);",
    "const a = () => new Map();",
    "const a = { b: () => new Semaphore(2), c: 1 };",
    "export const a = async () => {\n  const b = new Map();\n  let c = 1;\n};",
    "function a() {\n  let b = new Map();\n}",
    "class B {\n  static of() {\n    return new Map();\n  }\n}",
    "class B {\n  readonly a = new Map();\n}",
  ])("accepts %j", (text) => {
    expect(mutableState(`const first = 1;\n\n${text}\nrun();\n`, ["Semaphore"])).toEqual([]);
  });
});

describe("the search for imports", () => {
  it.each<[string, string]>([
    ['import { a } from "../oci/b.ts";', "lib/oci/b.ts"],
    ['import type { a } from "../oci/b.ts";', "lib/oci/b.ts"],
    ['import {\n  type a,\n  b,\n} from "./c.ts";', "lib/http/c.ts"],
    ['import * as a from "node:fs";', "node:fs"],
    ['import "./c.ts";', "lib/http/c.ts"],
    ['import json from "../../package.json" with { type: "json" };', "package.json"],
    ['export { a } from "./c.ts";', "lib/http/c.ts"],
    ['export type * from "./c.ts";', "lib/http/c.ts"],
    ['const a = await import("./c.ts");', "lib/http/c.ts"],
  ])("finds %s", (text, target) => {
    expect(importsOf("lib/http/app.ts", text)).toEqual([target]);
  });

  it("ignores strings and comments", () => {
    expect(importsOf("lib/http/app.ts", 'export const a = "from"; // import x from "y"\n')).toEqual([]);
  });

  it("finds imports that are not allowed", () => {
    const file = {
      path: "lib/metrics/a.ts",
      text: "",
      imports: ["node:os", "lib/metrics/b.ts", "lib/oci/c.ts"],
    };
    expect(findForbiddenImports(file, "lib/metrics/", [])).toEqual(["lib/metrics/a.ts -> lib/oci/c.ts"]);
    expect(findForbiddenImports(file, "lib/metrics/", ["lib/oci/"])).toEqual([]);
  });

  it.each<[string, readonly string[]]>([
    ['import type { Page } from "../registry/tags.ts";', []],
    ['import type {\n  Page,\n} from "../registry/tags.ts";', []],
    ['import { type Page } from "../registry/tags.ts";', ["lib/registry/tags.ts"]],
    ['import { listTags } from "../registry/tags.ts";', ["lib/registry/tags.ts"]],
    ['import { row } from "./table.ts";', []],
  ])("finds imports of values by the web UI: %s", (text, expected) => {
    expect(findValueImports({ path: "lib/web/page.ts", text })).toEqual(expected);
  });

  it("finds a cycle", () => {
    const file = (path: string, ...imports: string[]) => ({ path, text: "", imports });
    expect(findCycle([file("a", "b"), file("b", "c"), file("c", "b")])).toEqual(["b", "c", "b"]);
    expect(findCycle([file("a", "b", "c"), file("b", "c"), file("c")])).toBeUndefined();
  });
});
