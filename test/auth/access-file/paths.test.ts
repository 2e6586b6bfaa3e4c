import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyFile, exportFile } from "../../../lib/auth/access-file/apply-access-file.ts";
import { readAccessFile } from "../../../lib/auth/access-file/read-access-file.ts";
import { addAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { explain, grant, listAccess } from "../../../lib/auth/grants/manage-grants.ts";
import { MalformedError } from "../../../lib/auth/malformed-error.ts";
import { newFolder } from "../../support/folder.ts";
import { type MemoryRegistry, memoryRegistry } from "../../support/memory.ts";

const OPTIONS = { create: true, pruneAccounts: false };

let memory: MemoryRegistry;
let folder: Awaited<ReturnType<typeof newFolder>>;
let path: string;
beforeEach(async () => {
  memory = memoryRegistry();
  folder = await newFolder();
  path = join(folder.path, "access.json");
});
afterEach(() => folder.remove());

const now = () => memory.clock.now();

describe("an access file", () => {
  it.each([
    ['{"grants": [{}]}', /access\.json: grants\[0\]/],
    ["{", /access\.json is not valid JSON: /],
  ])("that holds %s is refused by its path", async (text, message) => {
    await writeFile(path, text);
    expect(() => readAccessFile(path)).toThrow(message);
    expect(() => readAccessFile(path)).toThrow(MalformedError);
  });

  it("that is missing is refused by its path", () => {
    expect(() => readAccessFile(path)).toThrow(`cannot read ${path}`);
  });

  it.each([true, false])("is applied unless it is a dry run: %s", async (dryRun) => {
    await writeFile(path, JSON.stringify({ users: [{ name: "alice" }] }));
    const { steps, secrets } = await applyFile(memory.records, path, { ...OPTIONS, dryRun }, now);
    expect(steps).toHaveLength(1);
    expect(secrets.map(({ name }) => name)).toEqual(dryRun ? [] : ["user:alice"]);
    expect((await exportFile(memory.records)).users).toHaveLength(dryRun ? 0 : 1);
  });
});

describe("an explanation", () => {
  const allowed = async (who: string) => (await explain(memory.records, who, "pull", "acme/app")).allowed;

  beforeEach(async () => {
    await addAccount(memory.records, "user", "alice", { groups: ["devs"], expires: undefined }, now());
  });

  it("of a user counts the groups", async () => {
    expect(await allowed("user:alice")).toBe(false);
    await grant(memory.records, "group:devs", "acme/*", " pull , push,pull");
    expect(await allowed("user:alice")).toBe(true);
    expect((await listAccess(memory.records)).grants).toMatchObject([{ actions: ["pull", "push"] }]);
  });

  it("of another subject counts what holds for everybody who is signed in, and of nobody only what holds for all", async () => {
    await grant(memory.records, "authenticated", "acme/*", "pull");
    expect(await allowed("group:devs")).toBe(true);
    expect(await allowed("oidc:unknown")).toBe(true);
    expect(await allowed("anonymous")).toBe(false);
  });

  it("needs the name of a repository", async () => {
    await expect(explain(memory.records, "anonymous", "pull", "ACME")).rejects.toThrow(
      "is not a repository name",
    );
  });
});
