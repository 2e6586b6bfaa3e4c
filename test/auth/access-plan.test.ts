import { beforeEach, describe, expect, it } from "vitest";
import { parseAccessFile, toAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { applyPlan, type PlanOptions, planAccess } from "../../lib/auth/access-file/access-plan.ts";
import { MAX_ACCESS_CHANGES } from "../../lib/auth/access-version.ts";
import { type Account, rotateSecret } from "../../lib/auth/accounts/accounts.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import { ConditionFailedError, MAX_BATCH, type RecordStore } from "../../lib/ports/record-store.ts";
import { createMemoryRegistry } from "../support/memory.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const GITLAB = "https://gitlab.com";
const FILE = {
  users: [{ name: "alice", groups: ["devs"] }],
  robots: [{ name: "ci", groups: [] }],
  issuers: [{ url: GITHUB, audiences: ["registry.example.com"] }],
  oidcRules: [{ name: "acme-ci", issuer: GITHUB, claims: { repository: "acme/*" } }],
  awsRules: [{ name: "production", accounts: ["123456789012"] }],
  grants: [
    { subject: "anonymous", pattern: "public/*", actions: ["pull"] },
    { subject: "oidc:acme-ci", pattern: "acme/**", actions: ["pull", "push"] },
  ],
};
/** Issuers and rules in all their forms. */
const ISSUERS = [
  {
    url: "https://accounts.google.com",
    audiences: ["a", "b"],
    jwksUrl: "https://www.googleapis.com/oauth2/v3/certs",
  },
  { url: "https://acme.auth0.com/", audiences: ["registry.example.com"] },
  { url: "https://oidc.example:8443/a/b", audiences: ["registry.example.com"] },
  { url: GITLAB, audiences: ["https://registry.example.com"] },
  { url: GITHUB, audiences: ["registry.example.com"] },
  { url: "http://127.0.0.1:8080", audiences: ["registry.example.com"] },
];

const OIDC_RULES = [
  { name: "branch", issuer: GITHUB, claims: { repository: "acme/*", ref: "refs/heads/main" } },
  { name: "everybody", issuer: GITHUB, claims: {}, any: true },
  { name: "organisation", issuer: GITHUB, claims: { repository_owner_id: "12345" } },
  { name: "subject", issuer: GITHUB, claims: { sub: "repo:acme/app:**" } },
  {
    name: "tags",
    issuer: GITLAB,
    claims: { project_path: "acme/**", ref_type: "tag", ref_protected: "true" },
  },
];

const AWS_RULES = [
  { name: "accounts", accounts: ["111111111111", "222222222222"] },
  {
    name: "people",
    accounts: ["111111111111"],
    arn: "arn:aws:iam::*:role/AWSReservedSSO_*",
    session: "*@acme.com",
  },
];
const NOW = new Date("2026-11-21T12:00:00Z");
const KEEP_ACCOUNTS: PlanOptions = { create: false, pruneAccounts: false };
const CREATE_AND_PRUNE: PlanOptions = { create: true, pruneAccounts: true };

let records: RecordStore;
let secrets: [string, string][];
beforeEach(() => {
  records = createMemoryRegistry().records;
  secrets = [];
});

async function plan(file: unknown, options = KEEP_ACCOUNTS) {
  return planAccess(await loadAccess(records), parseAccessFile(file), options);
}

async function apply(steps: Awaited<ReturnType<typeof plan>>, store = records): Promise<void> {
  const onSecret = (kind: string, name: string, secret: string) =>
    void secrets.push([`${kind}:${name}`, secret]);
  await applyPlan(store, steps, { now: () => NOW, onSecret });
}

/** Returns the steps of the plan, one line for each. */
async function planLines(file: unknown, options = KEEP_ACCOUNTS): Promise<readonly string[]> {
  return (await plan(file, options)).map(({ change, kind, name }) => `${change} ${kind} ${name}`);
}

async function findAccount(name: string): Promise<Account> {
  const found = (await loadAccess(records)).accounts.find((one) => one.name === name);
  return found ?? expect.fail(`there is no ${name}`);
}

describe("applying an access file", () => {
  it("stores the configuration of the file, and a second run changes nothing", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    expect(toAccessFile(await loadAccess(records))).toEqual(FILE);
    expect(secrets).toEqual([
      ["user:alice", expect.stringMatching(/^dockless_/)],
      ["robot:ci", expect.stringMatching(/^dockless_/)],
    ]);
    expect(await plan(FILE, CREATE_AND_PRUNE)).toEqual([]);
  });

  it("stores every form of issuer and rule unchanged", async () => {
    await apply(await plan({ issuers: ISSUERS, oidcRules: OIDC_RULES, awsRules: AWS_RULES }));
    const { issuers, oidcRules, awsRules } = await loadAccess(records);
    expect(issuers).toEqual(expect.arrayContaining(ISSUERS));
    expect([issuers.length, oidcRules, awsRules]).toEqual([ISSUERS.length, OIDC_RULES, AWS_RULES]);
  });

  it("changes nothing when the file is an export", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    expect(await planLines(JSON.parse(JSON.stringify(toAccessFile(await loadAccess(records)))))).toEqual([]);
  });

  it("removes grants first, then adds and changes, and removes the rest last", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    const [open] = FILE.grants;
    const [issuer] = FILE.issuers;
    const next = {
      ...FILE,
      issuers: [{ ...issuer, audiences: ["other"] }],
      ...{ oidcRules: [], awsRules: [{ name: "staging", accounts: ["123456789012"] }] },
      grants: [{ ...open, actions: ["pull", "push"] }],
    };
    expect(await planLines(next)).toEqual([
      "remove grant oidc:acme-ci acme/**",
      `change issuer ${GITHUB}`,
      "add aws-rule staging",
      "change grant anonymous public/*",
      "remove oidc-rule acme-ci",
      "remove aws-rule production",
    ]);
    const [, , , grant] = await plan(next);
    expect(grant).toMatchObject({ before: { actions: ["pull"] }, after: { actions: ["pull", "push"] } });
    await apply(await plan(next));
    expect(await planLines(next)).toEqual([]);
  });

  it("creates and deletes accounts only with the corresponding options", async () => {
    expect((await planLines(FILE)).slice(0, 2)).toEqual(["missing user alice", "missing robot ci"]);
    await apply(await plan(FILE));
    expect([secrets, (await loadAccess(records)).accounts]).toEqual([[], []]);
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    const without = { ...FILE, users: [] };
    expect(await planLines(without)).toEqual(["change user alice", "extra user alice"]);
    await apply(await plan(without));
    expect(await planLines(without)).toEqual(["extra user alice"]);
    expect((await loadAccess(records)).accounts).toMatchObject([
      { name: "alice", groups: [], secrets: [{}] },
      { name: "ci" },
    ]);
    expect(await planLines(without, CREATE_AND_PRUNE)).toEqual(["remove user alice"]);
    await apply(await plan(without, CREATE_AND_PRUNE));
    expect((await loadAccess(records)).accounts).toMatchObject([{ name: "ci" }]);
  });

  it("changes the groups of accounts without changing their secrets", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    const before = await findAccount("alice");
    const next = { ...FILE, users: [{ name: "alice", groups: ["ops", "devs"] }] };
    expect(await planLines(next)).toEqual(["change user alice"]);
    await apply(await plan(next));
    const { version, ...after } = await findAccount("alice");
    expect({ ...after, version: before.version }).toEqual({ ...before, groups: ["ops", "devs"] });
    expect(version).not.toBe(before.version);
    expect(secrets).toHaveLength(2);
    expect(await planLines({ ...FILE, users: [{ name: "alice", groups: ["devs", "ops"] }] })).toEqual([]);
  });

  it("does not undo a concurrent rotation of a secret", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    const stale = await plan({ ...FILE, users: [{ name: "alice", groups: [] }] });
    const { changes } = await rotateSecret(await findAccount("alice"), {
      keep: NOW,
      expires: undefined,
      now: NOW,
    });
    await records.write(changes);
    const after = await findAccount("alice");
    await expect(apply(stale)).rejects.toMatchObject({
      message: expect.stringContaining("apply the file again"),
      failure: { code: "ACCOUNTS_CHANGED" },
    });
    expect(await findAccount("alice")).toEqual(after);
  });

  it("is not undone by a rotation that started earlier", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    const before = await findAccount("alice");
    await apply(await plan({ ...FILE, users: [{ name: "alice", groups: [] }] }));
    const { changes } = await rotateSecret(before, { keep: NOW, expires: undefined, now: NOW });
    await expect(records.write(changes)).rejects.toThrow(ConditionFailedError);
    expect(await findAccount("alice")).toMatchObject({ groups: [], secrets: before.secrets });
  });

  it("replaces a robot by a user of the same name", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    const next = { ...FILE, users: [...FILE.users, { name: "ci" }], robots: [] };
    await apply(await plan(next, CREATE_AND_PRUNE));
    expect(await findAccount("ci")).toMatchObject({ kind: "user" });
    expect(await planLines(next, CREATE_AND_PRUNE)).toEqual([]);
  });

  it("rejects a user with the name of a robot that is not pruned", async () => {
    await apply(await plan(FILE, CREATE_AND_PRUNE));
    const next = { ...FILE, users: [...FILE.users, { name: "ci" }], robots: [] };
    for (const create of [true, false]) {
      await expect(plan(next, { create, pruneAccounts: false })).rejects.toMatchObject({
        message: "the access file declares user ci, but a robot named ci already exists",
        failure: { code: "KIND_TAKEN", name: "ci", kind: "user", taken: "robot" },
      });
    }
  });

  it("writes 99 changes atomically, and a second run completes a failed first run", async () => {
    const actions = ["pull"];
    const grants = Array.from({ length: 250 }, (_, number) => {
      return { subject: "user:alice", pattern: `acme/app${number}`, actions };
    });
    const steps = await plan({ grants });
    let writes = 0;
    const failing: RecordStore = Object.assign(Object.create(records), {
      write: async (changes: Parameters<RecordStore["write"]>[0]) => {
        expect(changes.length).toBeLessThanOrEqual(MAX_BATCH);
        if (++writes === 2) throw new Error("no network");
        await records.write(changes);
      },
    });
    await expect(apply(steps, failing)).rejects.toThrow("no network");
    expect((await loadAccess(records)).grants).toHaveLength(MAX_ACCESS_CHANGES);
    expect(await planLines({ grants })).toHaveLength(250 - MAX_ACCESS_CHANGES);
    await apply(await plan({ grants }));
    expect(await planLines({ grants })).toEqual([]);
  });
});
