import { describe, expect, it } from "vitest";
import { apply, parseAccessFile, reconcile } from "../../lib/auth/access-file.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const FILE = {
  issuers: [{ url: GITHUB, audiences: ["registry.example.com"] }],
  oidcRules: [{ name: "acme-ci", issuer: GITHUB, claims: { repository: "acme/*" } }],
  awsRules: [{ name: "production", accounts: ["123456789012"] }],
  grants: [
    { to: "oidc:acme-ci", repositories: "acme/**", actions: ["push", "pull"] },
    { to: "anonymous", repositories: "public/*", actions: ["pull"] },
  ],
};

describe("an access file", () => {
  it("becomes what is there, and nothing else stays", async () => {
    const records = new MemoryRecords();
    const first = await reconcile(records, parseAccessFile(FILE));
    await apply(records, first);
    expect((await loadAccess(records)).grants).toEqual([
      { subject: "anonymous", pattern: "public/*", actions: ["pull"] },
      { subject: "oidc:acme-ci", pattern: "acme/**", actions: ["pull", "push"] },
    ]);
    expect(await reconcile(records, parseAccessFile(FILE))).toEqual({ set: [], removed: [], changes: [] });
    const [, open] = FILE.grants;
    const next = await reconcile(
      records,
      parseAccessFile({ grants: [{ ...open, actions: ["pull", "push"] }] }),
    );
    expect([next.set, next.removed]).toEqual([
      ["grant anonymous public/*"],
      [`issuer ${GITHUB}`, "oidc-rule acme-ci", "aws-rule production", "grant oidc:acme-ci acme/**"],
    ]);
    await apply(records, next);
    expect(await loadAccess(records)).toEqual({
      ...{ principals: [], issuers: [], oidcRules: [], awsRules: [] },
      grants: [{ subject: "anonymous", pattern: "public/*", actions: ["pull", "push"] }],
    });
  });

  it("may be longer than one write", async () => {
    const records = new MemoryRecords();
    const grants = Array.from({ length: 250 }, (_, number) => {
      return { to: "user:alice", repositories: `acme/app${number}`, actions: ["pull"] };
    });
    await apply(records, await reconcile(records, parseAccessFile({ grants })));
    expect((await loadAccess(records)).grants).toHaveLength(250);
  });

  it.each<[string, unknown, string]>([
    ["a list", [], "must be an object"],
    ["an unknown field", { users: [] }, 'no field "users"'],
    ["grants that are no list", { grants: {} }, "grants must be a list"],
    [
      "an unknown action",
      { grants: [{ to: "user:a", repositories: "a", actions: ["write"] }] },
      "no such action",
    ],
    ["a grant to nobody", { grants: [{ repositories: "a", actions: ["pull"] }] }, "to of a grant"],
    ["the same grant twice", { grants: [FILE.grants[1], FILE.grants[1]] }, "is there twice"],
  ])("is not %s", (_, value, message) => {
    expect(() => parseAccessFile(value)).toThrow(message);
  });
});
