import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findProgram, ProgramUnavailable } from "./install.ts";
import { PROGRAMS, type ProgramName } from "./programs.ts";

const { module, version } = PROGRAMS.newer;
const CACHED = `oci-conformance-${version}`;

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dockless-install-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("a program", () => {
  const install = async (_: ProgramName, executable: string) => await writeFile(executable, "installed");
  const unexpected = async () => {
    throw new Error("installed without need");
  };

  it.each(["newer", "older"] as const)("is the one that the environment names (%s)", async (name) => {
    const named = join(folder, "mine");
    await writeFile(named, "");
    await writeFile(join(folder, CACHED), "");
    const environment = { [PROGRAMS[name].variable]: named };
    expect(await findProgram(name, { environment, cache: folder, install: unexpected })).toBe(named);
  });

  it("is not looked for elsewhere when the environment names a file that is missing", async () => {
    await writeFile(join(folder, CACHED), "");
    const environment = { DOCKLESS_CONFORMANCE: join(folder, "missing") };
    const found = findProgram("newer", { environment, cache: folder, install });
    await expect(found).rejects.toThrow("DOCKLESS_CONFORMANCE names");
  });

  it("is the cached one when the environment names none", async () => {
    await writeFile(join(folder, CACHED), "");
    const environment = { DOCKLESS_CONFORMANCE: "" };
    const found = await findProgram("newer", { environment, cache: folder, install: unexpected });
    expect(found).toBe(join(folder, CACHED));
  });

  it("is installed into the cache when it is nowhere", async () => {
    const cache = join(folder, "new");
    expect(await findProgram("newer", { environment: {}, cache, install })).toBe(join(cache, CACHED));
    const again = await findProgram("newer", { environment: {}, cache, install: unexpected });
    expect(again).toBe(join(cache, CACHED));
  });
});

describe("a program that cannot be installed", () => {
  const file = `reading https://proxy/${module}/@v/${version}`;

  async function failureOf(message: string): Promise<unknown> {
    const install = async () => {
      throw new Error(message);
    };
    return await findProgram("newer", { environment: {}, cache: folder, install }).catch((error) => error);
  }

  it.each([
    `go install: ${file}.info: 403 Forbidden\n\tserver response: not available`,
    `go install: ${file}.zip: 404 Not Found`,
    `go mod download: { "Error": "${file}.info: 410 Gone\\n\\tserver response: not found" }`,
  ])("is unavailable when the module proxy refuses it: %s", async (message) => {
    const failure = await failureOf(message);
    expect(failure).toBeInstanceOf(ProgramUnavailable);
    expect(String(failure)).toContain("set DOCKLESS_CONFORMANCE to the path of the program");
  });

  it.each([
    `go install: Get "https://proxy/${module}/@v/${version}.info": dial tcp: lookup proxy: no such host`,
    `go install: ${file}.zip: 500 Internal Server Error`,
    "go install: reading https://proxy/example.com/needed/@v/v1.0.0.zip: 403 Forbidden",
    `go install: verifying ${module}@${version}: checksum mismatch`,
    "go install: conformance/main.go:3:1: syntax error",
    "spawn go ENOENT",
  ])("fails in every other case: %s", async (message) => {
    const failure = await failureOf(message);
    expect(failure).not.toBeInstanceOf(ProgramUnavailable);
    expect(String(failure)).toContain("cannot be installed");
  });
});
