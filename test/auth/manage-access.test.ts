import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { AccessError, type AccessFailure } from "../../lib/auth/access-error.ts";
import { applyAccessFile } from "../../lib/auth/access-file/apply-access-file.ts";
import { addAccount, removeAccount, rotateAccount } from "../../lib/auth/accounts/manage-accounts.ts";
import { explain, grant, revoke } from "../../lib/auth/grants/manage-grants.ts";
import type { RecordStore } from "../../lib/ports/record-store.ts";
import { newFolder } from "../support/folder.ts";
import { createMemoryRegistry } from "../support/memory.ts";

const NOW = new Date("2026-11-28T12:00:00Z");
const ADD = { groups: [], expires: undefined };
const ROTATE = { keep: 0, expires: undefined };

let records: RecordStore;
beforeEach(() => {
  records = createMemoryRegistry().records;
});

/** Returns the same record store with another `write`. */
function withWrite(write: RecordStore["write"]): RecordStore {
  return Object.assign(Object.create(records), { write });
}

describe("managing accounts and grants", () => {
  it.each<[string, () => Promise<unknown>, AccessFailure]>([
    ...(["user", "robot"] as const).map((kind): [string, () => Promise<unknown>, AccessFailure] => [
      `adding a ${kind} with the name of a user`,
      () => addAccount(records, kind, "alice", ADD, NOW),
      { code: "NAME_TAKEN", name: "alice" },
    ]),
    [
      "removing an account that does not exist",
      () => removeAccount(records, "robot", "ci"),
      { code: "ACCOUNT_UNKNOWN", kind: "robot", name: "ci" },
    ],
    [
      "rotating the secret of an account that does not exist",
      () => rotateAccount(records, "robot", "alice", ROTATE, NOW),
      { code: "ACCOUNT_UNKNOWN", kind: "robot", name: "alice" },
    ],
    [
      "explaining the rights of an account that does not exist",
      () => explain(records, "user:bob", "pull", "app"),
      { code: "ACCOUNT_UNKNOWN", kind: "user", name: "bob" },
    ],
    [
      "granting to a rule that does not exist",
      () => grant(records, "oidc:main", "**", "pull"),
      { code: "RULE_UNKNOWN", grantee: "oidc:main" },
    ],
    [
      "revoking a grant that does not exist",
      () => revoke(records, "user:alice", "acme/*"),
      { code: "GRANT_UNKNOWN", grantee: "user:alice", pattern: "acme/*" },
    ],
  ])("%s throws an AccessError", async (_, work, failure) => {
    await addAccount(records, "user", "alice", ADD, NOW);
    const error = await work().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AccessError);
    expect(error).toMatchObject({ failure });
  });

  it("rotating a secret throws an AccessError when the account is changed concurrently", async () => {
    await addAccount(records, "user", "alice", ADD, NOW);
    const conflicting = withWrite(async (changes) => {
      await rotateAccount(records, "user", "alice", ROTATE, NOW);
      await records.write(changes);
    });
    await expect(rotateAccount(conflicting, "user", "alice", ROTATE, NOW)).rejects.toMatchObject({
      failure: { code: "ACCOUNT_CHANGED", name: "alice" },
    });
  });

  it("rethrows other errors of the store unchanged", async () => {
    const broken = withWrite(async () => {
      throw new Error("no network");
    });
    await expect(addAccount(broken, "user", "alice", ADD, NOW)).rejects.toThrow(/^no network$/);
  });
});

describe("applying an access file from a path", () => {
  it("returns the secrets of created accounts even when a later step fails", async () => {
    const folder = await newFolder();
    const file = join(folder.path, "access.json");
    await writeFile(file, JSON.stringify({ users: [{ name: "alice" }, { name: "bob" }] }));
    const failure = new Error("no network");
    let writes = 0;
    const broken = withWrite(async (changes) => {
      if (++writes === 2) throw failure;
      await records.write(changes);
    });
    const options = { add: false, force: false, dryRun: false, create: true, pruneAccounts: false };
    const applied = await applyAccessFile(broken, file, options, () => NOW);
    await folder.remove();
    expect(applied).toMatchObject({
      secrets: [{ name: "user:alice", secret: expect.stringMatching(/^dockless_/) }],
      failure,
    });
  });
});
