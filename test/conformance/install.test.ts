import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findProgram } from "./install.ts";
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

describe("findProgram", () => {
  const install = async (_: ProgramName, executable: string) => await writeFile(executable, "installed");
  const unexpected = async () => {
    throw new Error("unexpected installation");
  };

  it.each(["newer", "older"] as const)("returns the %s program that the environment names", async (name) => {
    const named = join(folder, "named");
    await writeFile(named, "");
    await writeFile(join(folder, CACHED), "");
    const environment = { [PROGRAMS[name].variable]: named };
    expect(await findProgram(name, { environment, cache: folder, install: unexpected })).toBe(named);
  });

  it("throws, without a search, when the file that the environment names is missing", async () => {
    await writeFile(join(folder, CACHED), "");
    const environment = { DOCKLESS_CONFORMANCE: join(folder, "missing") };
    const found = findProgram("newer", { environment, cache: folder, install });
    await expect(found).rejects.toThrow("DOCKLESS_CONFORMANCE names");
  });

  it("returns the cached program when the environment names none", async () => {
    await writeFile(join(folder, CACHED), "");
    const environment = { DOCKLESS_CONFORMANCE: "" };
    const found = await findProgram("newer", { environment, cache: folder, install: unexpected });
    expect(found).toBe(join(folder, CACHED));
  });

  it("installs a missing program into the cache", async () => {
    const cache = join(folder, "new");
    expect(await findProgram("newer", { environment: {}, cache, install })).toBe(join(cache, CACHED));
    const again = await findProgram("newer", { environment: {}, cache, install: unexpected });
    expect(again).toBe(join(cache, CACHED));
  });
});

describe("a program that cannot be installed", () => {
  it("fails the run with the cause and the fix", async () => {
    const cause = new Error(`go install: reading https://proxy/${module}/@v/${version}.info: 403 Forbidden`);
    const install = async () => {
      throw cause;
    };
    const found = findProgram("newer", { environment: {}, cache: folder, install });
    await expect(found).rejects.toMatchObject({
      message: expect.stringContaining("cannot be installed: set DOCKLESS_CONFORMANCE to the path"),
      cause,
    });
  });
});

describe("the pinned versions", () => {
  it.each(Object.entries(PROGRAMS))("include an exact pseudo-version of %s", (_, program) => {
    expect(program.version).toMatch(/^v0\.0\.0-\d{14}-[0-9a-f]{12}$/);
  });
});
