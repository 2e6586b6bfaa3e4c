import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { applyAccessFile, exportAccessFile } from "../../../lib/auth/access-file/apply-access-file.ts";
import { readAccessFile } from "../../../lib/auth/access-file/read-access-file.ts";
import { addAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { explain, grant, listAccess } from "../../../lib/auth/grants/manage-grants.ts";
import { MalformedError } from "../../../lib/auth/malformed-error.ts";
import { createMemoryRegistry, type MemoryRegistry } from "../../support/memory.ts";
import { useFolder } from "../../support/use-folder.ts";

const OPTIONS = { add: false, force: false, create: true, pruneAccounts: false };

let memory: MemoryRegistry;
const folder = useFolder();
let path: string;
beforeEach(() => {
  memory = createMemoryRegistry();
  path = join(folder.path, "access.json");
});

const now = () => memory.clock.now();

describe("an access file", () => {
  it.each([
    ['{"grants": [{}]}', /access\.json: grants\[0\]/],
    ["{", /access\.json is not valid JSON: Expected/],
  ])("with the content %s is rejected with its path in the message", async (text, message) => {
    await writeFile(path, text);
    expect(() => readAccessFile(path)).toThrow(message);
    expect(() => readAccessFile(path)).toThrow(MalformedError);
  });

  it("that is missing is rejected with its path in the message", () => {
    expect(() => readAccessFile(path)).toThrow(`cannot read ${path}: no such file`);
    expect(() => readAccessFile(folder.path)).toThrow(`cannot read ${folder.path}: it is a folder`);
  });

  it.each([true, false])("is applied unless the run is a dry run: %s", async (dryRun) => {
    await writeFile(path, JSON.stringify({ users: [{ name: "alice" }] }));
    const { steps, secrets } = await applyAccessFile(memory.records, path, { ...OPTIONS, dryRun }, now);
    expect(steps).toHaveLength(1);
    expect(secrets.map(({ name }) => name)).toEqual(dryRun ? [] : ["user:alice"]);
    expect((await exportAccessFile(memory.records)).users).toHaveLength(dryRun ? 0 : 1);
  });
});

describe("explain", () => {
  const isAllowed = async (grantee: string) =>
    (await explain(memory.records, grantee, "pull", "acme/app")).allowed;

  beforeEach(async () => {
    await addAccount(memory.records, "user", "alice", { groups: ["devs"], expires: undefined }, now());
  });

  it("includes the groups of a user", async () => {
    expect(await isAllowed("user:alice")).toBe(false);
    await grant(memory.records, "group:devs", "acme/*", " pull , push,pull");
    expect(await isAllowed("user:alice")).toBe(true);
    expect((await listAccess(memory.records)).grants).toMatchObject([{ actions: ["pull", "push"] }]);
  });

  it("includes the grants to authenticated identities for other grantees, but not for anonymous", async () => {
    await grant(memory.records, "authenticated", "acme/*", "pull");
    expect(await isAllowed("group:devs")).toBe(true);
    expect(await isAllowed("oidc:unknown")).toBe(true);
    expect(await isAllowed("anonymous")).toBe(false);
  });

  it("rejects an invalid repository name", async () => {
    await expect(explain(memory.records, "anonymous", "pull", "ACME")).rejects.toThrow(
      "is not a valid repository name",
    );
  });
});
