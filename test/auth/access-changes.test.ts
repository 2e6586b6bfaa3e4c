import { describe, expect, it } from "vitest";
import { compareAccess } from "../../lib/auth/access-changes.ts";
import { parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import type { Account } from "../../lib/auth/accounts/accounts.ts";
import { parseName } from "../../lib/auth/grants/grantee.ts";
import type { AccessSnapshot } from "../../lib/auth/snapshot.ts";

const FILE = {
  issuers: [{ url: "https://gitlab.com", audiences: ["registry.example.com"] }],
  oidcRules: [{ name: "acme", issuer: "https://gitlab.com", claims: { project_path: "acme/**" } }],
  awsRules: [{ name: "production", accounts: ["123456789012"] }],
  grants: [{ subject: "authenticated", pattern: "acme/**", actions: ["pull"] }],
};
const CREATED = "2026-01-01T00:00:00.000Z";
const ALICE: Account = {
  ...{ kind: "user", name: parseName("alice"), groups: [], created: CREATED, version: "1" },
  secrets: [{ id: "aaaaaa", hash: "hash", created: CREATED }],
};

function snapshotOf(file: object, ...accounts: readonly Account[]): AccessSnapshot {
  const { users: _, robots: __, ...configured } = parseAccessFile(file);
  return { ...configured, accounts };
}

/** Returns the changes, one line each. */
function linesOf(before: AccessSnapshot, after: AccessSnapshot): readonly string[] {
  return compareAccess(before, after).map(({ change, kind, name }) => `${change} ${kind} ${name}`);
}

describe("the changes between two access configurations", () => {
  const [empty, full] = [snapshotOf({}), snapshotOf(FILE, ALICE)];

  it("are empty between equal configurations, regardless of the last use of secrets", () => {
    expect(linesOf(full, snapshotOf(FILE, { ...ALICE, lastUsed: CREATED, version: "2" }))).toEqual([]);
  });

  it("name each addition and each removal", () => {
    const entries = ["user alice", "issuer https://gitlab.com", "oidc-rule acme", "aws-rule production"];
    const expected = [...entries, "grant authenticated acme/**"].toSorted();
    expect(linesOf(empty, full).toSorted()).toEqual(expected.map((entry) => `add ${entry}`));
    expect(linesOf(full, empty).toSorted()).toEqual(expected.map((entry) => `remove ${entry}`));
  });

  it.each<[string, Partial<Account>]>([
    ["groups", { groups: [parseName("devs")] }],
    ["secrets", { secrets: [] }],
    [
      "the lifetime of a secret",
      { secrets: [{ id: "aaaaaa", hash: "hash", created: CREATED, expires: CREATED }] },
    ],
  ])("include changed %s of an account", (_, changed) => {
    expect(compareAccess(full, snapshotOf(FILE, { ...ALICE, ...changed }))).toMatchObject([
      { change: "change", kind: "user", name: "alice", before: { groups: [] } },
    ]);
  });

  it("distinguish a user from a robot of the same name", () => {
    expect(linesOf(full, snapshotOf(FILE, { ...ALICE, kind: "robot" }))).toEqual([
      "add robot alice",
      "remove user alice",
    ]);
  });

  it("contain no hash of a secret", () => {
    expect(JSON.stringify(compareAccess(empty, full))).not.toContain('"hash"');
  });
});
