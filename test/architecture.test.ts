import { describe, expect, it } from "vitest";
import { findCycle, importsOf, readSources } from "./support/imports.ts";

/** What each folder may import of this project, itself aside: docs/architecture.md */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "lib/oci/": [],
  "lib/concurrency/": [],
  "lib/ports/": ["lib/oci/"],
  "lib/client/": ["lib/oci/", "lib/concurrency/"],
  "lib/registry/": ["lib/oci/", "lib/ports/", "lib/concurrency/"],
  "lib/auth/": ["lib/oci/", "lib/ports/", "lib/concurrency/"],
  "lib/storage/": ["lib/oci/", "lib/ports/", "lib/concurrency/"],
  "lib/doctor/": ["lib/oci/", "lib/client/", "lib/concurrency/"],
  "lib/http/": ["lib/oci/", "lib/ports/", "lib/concurrency/", "lib/registry/", "lib/auth/"],
  "lib/cloud/": ["lib/auth/", "lib/ports/"],
  "lib/cli/": [
    ...["oci", "ports", "concurrency", "client", "registry", "auth", "storage", "doctor", "http"].map(
      (folder) => `lib/${folder}/`,
    ),
    "package.json",
  ],
  "bin/": ["lib/cli/", "lib/cloud/"],
  "functions/": ["lib/auth/", "lib/concurrency/", "lib/http/", "lib/ports/", "lib/registry/", "lib/storage/"],
  "local-cloud/": ["lib/"],
  "bench/": ["lib/", "local-cloud/"],
};

const FOLDERS = Object.keys(MAY_IMPORT);
const files = (
  await Promise.all(["bin", "functions", "lib", "local-cloud", "bench"].map(readSources))
).flat();

const isOwn = (path: string) => /^(lib|bin|functions|local-cloud|test|bench)\/|^package\.json$/.test(path);
const filesIn = (folder: string) => files.filter(({ path }) => path.startsWith(folder));

describe("imports", () => {
  it("were found", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.find(({ path }) => path === "bin/dockless.ts")?.imports).toContain("lib/cli/cli.ts");
    expect(files.find(({ path }) => path === "lib/storage/disk/records.ts")?.imports).toEqual(
      expect.arrayContaining(["lmdb", "lib/ports/record-store.ts", "lib/storage/condition.ts"]),
    );
  });

  it.each(Object.entries(MAY_IMPORT))("of %s lead to itself and only %j", (folder, allowed) => {
    const wrong = filesIn(folder).flatMap(({ path, imports }) =>
      imports
        .filter(
          (target) => isOwn(target) && ![folder, ...allowed].some((prefix) => target.startsWith(prefix)),
        )
        .map((target) => `${path} -> ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("have a rule for every folder", () => {
    const without = files.filter(({ path }) => !FOLDERS.some((folder) => path.startsWith(folder)));
    expect(without.map(({ path }) => path)).toEqual([]);
  });

  it("of the spec as code lead to nothing but itself, not even Node's modules", () => {
    const outside = filesIn("lib/oci/").flatMap(({ imports }) => imports.filter((target) => !isOwn(target)));
    expect(outside).toEqual([]);
  });

  it("of the CDK are those of the constructs, and of the app that is made of them", () => {
    const isCdk = (target: string) => /^(aws-cdk-lib|constructs)(\/|$)/.test(target);
    const importers = files.filter(({ imports }) => imports.some(isCdk)).map(({ path }) => path);
    expect(importers).toContain("lib/cloud/registry.ts");
    expect(importers.filter((path) => !path.startsWith("lib/cloud/") && path !== "bin/app.ts")).toEqual([]);
  });

  it("of one storage do not lead to another", () => {
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

describe("the reading of imports", () => {
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
  ])("sees %s", (text, target) => {
    expect(importsOf("lib/http/app.ts", text)).toEqual([target]);
  });

  it("takes no text for an import", () => {
    expect(importsOf("lib/http/app.ts", 'export const a = "from"; // import x from "y"\n')).toEqual([]);
  });

  it("finds a cycle", () => {
    const file = (path: string, ...imports: string[]) => ({ path, text: "", imports });
    expect(findCycle([file("a", "b"), file("b", "c"), file("c", "b")])).toEqual(["b", "c", "b"]);
    expect(findCycle([file("a", "b", "c"), file("b", "c"), file("c")])).toBeUndefined();
  });
});
