import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { API_BUNDLE, accessBundle, build, STREAM_BUNDLE } from "../../lib/cloud/compute/bundle.ts";

/** Packages that the SDK loads only with settings that this code does not use. */
const OPTIONAL = ["@aws-sdk/signature-v4-crt"];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

describe.each([
  ["event functions", API_BUNDLE],
  ["web function", STREAM_BUNDLE],
  ["function that applies an access file", accessBundle(parseAccessFile({}))],
] as const)("the bundle of the %s", (_, bundle) => {
  const folder = mkdtempSync(join(tmpdir(), "dockless-bundle-"));
  folders.push(folder);
  build(bundle, folder);
  const names = readdirSync(folder);
  const texts = names.map((name) => readFileSync(join(folder, name), "utf8"));

  it("starts with index.js, and contains only code and its text files", () => {
    expect(names).toContain("index.js");
    const beside = names.filter((name) => !name.endsWith(".js"));
    expect(beside).toEqual("texts" in bundle ? Object.keys(bundle.texts ?? {}) : []);
  });

  it("requires no other package at run time", () => {
    const required = texts.flatMap((text) => [...text.matchAll(/\brequire\("([^"]+)"\)/g)]);
    const others = required
      .map(([, name = ""]) => name)
      .filter((name) => !name.startsWith("node:") && !builtinModules.includes(name))
      .filter((name) => !names.includes(name.replace(/^\.\//, "")) && !OPTIONAL.includes(name));
    expect(required.length).toBeGreaterThan(5);
    expect([...new Set(others)]).toEqual([]);
  });

  it("contains no path of the machine that built it", () => {
    for (const text of texts) {
      expect(text).not.toContain(process.cwd());
      expect(text).not.toContain("sourceMappingURL");
    }
  });
});
