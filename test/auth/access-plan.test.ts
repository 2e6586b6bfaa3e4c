import { beforeEach, describe, expect, it } from "vitest";
import { parseAccessFile, toAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { applyPlan, type PlanOptions, planAccess } from "../../lib/auth/access-file/access-plan.ts";
import { type Principal, rotated } from "../../lib/auth/accounts/principals.ts";
import { loadAccess } from "../../lib/auth/snapshot.ts";
import { ConditionFailedError, MAX_BATCH, type RecordStore } from "../../lib/ports/record-store.ts";
import { memoryRegistry } from "../support/memory.ts";

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
/** All forms that issuers and rules can have. */
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
const NOTHING: PlanOptions = { create: false, pruneAccounts: false };
const EVERYTHING: PlanOptions = { create: true, pruneAccounts: true };

let records: RecordStore;
let secrets: [string, string][];
beforeEach(() => {
  records = memoryRegistry().records;
  secrets = [];
});

async function plan(file: unknown, options = NOTHING) {
  return planAccess(await loadAccess(records), parseAccessFile(file), options);
}

async function apply(steps: Awaited<ReturnType<typeof plan>>, store = records): Promise<void> {
  const onSecret = (kind: string, name: string, secret: string) =>
    void secrets.push([`${kind}:${name}`, secret]);
  await applyPlan(store, steps, { now: () => NOW, onSecret });
}

/** What a plan says, one line for each step. */
async function told(file: unknown, options = NOTHING): Promise<readonly string[]> {
  return (await plan(file, options)).map(({ change, kind, name }) => `${change} ${kind} ${name}`);
}

async function principal(name: string): Promise<Principal> {
  const found = (await loadAccess(records)).principals.find((one) => one.name === name);
  return found ?? expect.fail(`there is no ${name}`);
}

describe("applying an access file", () => {
  it("makes it so, and once more changes nothing", async () => {
    await apply(await plan(FILE, EVERYTHING));
    expect(toAccessFile(await loadAccess(records))).toEqual(FILE);
    expect(secrets).toEqual([
      ["user:alice", expect.stringMatching(/^dockless_/)],
      ["robot:ci", expect.stringMatching(/^dockless_/)],
    ]);
    expect(await plan(FILE, EVERYTHING)).toEqual([]);
  });

  it("stores every form of issuer and rule as it is", async () => {
    await apply(await plan({ issuers: ISSUERS, oidcRules: OIDC_RULES, awsRules: AWS_RULES }));
    const { issuers, oidcRules, awsRules } = await loadAccess(records);
    expect(issuers).toEqual(expect.arrayContaining(ISSUERS));
    expect([issuers.length, oidcRules, awsRules]).toEqual([ISSUERS.length, OIDC_RULES, AWS_RULES]);
  });

  it("of what was exported changes nothing", async () => {
    await apply(await plan(FILE, EVERYTHING));
    expect(await told(JSON.parse(JSON.stringify(toAccessFile(await loadAccess(records)))))).toEqual([]);
  });

  it("takes away grants first, then adds and changes, and takes away the rest last", async () => {
    await apply(await plan(FILE, EVERYTHING));
    const [open] = FILE.grants;
    const [issuer] = FILE.issuers;
    const next = {
      ...FILE,
      issuers: [{ ...issuer, audiences: ["other"] }],
      ...{ oidcRules: [], awsRules: [{ name: "staging", accounts: ["123456789012"] }] },
      grants: [{ ...open, actions: ["pull", "push"] }],
    };
    expect(await told(next)).toEqual([
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
    expect(await told(next)).toEqual([]);
  });

  it("makes and removes accounts only if it is asked to", async () => {
    expect((await told(FILE)).slice(0, 2)).toEqual(["missing user alice", "missing robot ci"]);
    await apply(await plan(FILE));
    expect([secrets, (await loadAccess(records)).principals]).toEqual([[], []]);
    await apply(await plan(FILE, EVERYTHING));
    const without = { ...FILE, users: [] };
    expect(await told(without)).toEqual(["change user alice", "extra user alice"]);
    await apply(await plan(without));
    expect(await told(without)).toEqual(["extra user alice"]);
    expect((await loadAccess(records)).principals).toMatchObject([
      { name: "alice", groups: [], secrets: [{}] },
      { name: "ci" },
    ]);
    expect(await told(without, EVERYTHING)).toEqual(["remove user alice"]);
    await apply(await plan(without, EVERYTHING));
    expect((await loadAccess(records)).principals).toMatchObject([{ name: "ci" }]);
  });

  it("changes the groups of accounts and leaves their secrets as they are", async () => {
    await apply(await plan(FILE, EVERYTHING));
    const before = await principal("alice");
    const next = { ...FILE, users: [{ name: "alice", groups: ["ops", "devs"] }] };
    expect(await told(next)).toEqual(["change user alice"]);
    await apply(await plan(next));
    const { version, ...after } = await principal("alice");
    expect({ ...after, version: before.version }).toEqual({ ...before, groups: ["ops", "devs"] });
    expect(version).not.toBe(before.version);
    expect(secrets).toHaveLength(2);
    expect(await told({ ...FILE, users: [{ name: "alice", groups: ["devs", "ops"] }] })).toEqual([]);
  });

  it("does not undo a rotation that happens meanwhile", async () => {
    await apply(await plan(FILE, EVERYTHING));
    const stale = await plan({ ...FILE, users: [{ name: "alice", groups: [] }] });
    const { changes } = await rotated(await principal("alice"), { keep: NOW, expires: undefined, now: NOW });
    await records.write(changes);
    const after = await principal("alice");
    await expect(apply(stale)).rejects.toMatchObject({
      message: expect.stringContaining("apply it again"),
      failure: { code: "ACCOUNTS_CHANGED" },
    });
    expect(await principal("alice")).toEqual(after);
  });

  it("is not undone by a rotation that began before", async () => {
    await apply(await plan(FILE, EVERYTHING));
    const before = await principal("alice");
    await apply(await plan({ ...FILE, users: [{ name: "alice", groups: [] }] }));
    const { changes } = await rotated(before, { keep: NOW, expires: undefined, now: NOW });
    await expect(records.write(changes)).rejects.toThrow(ConditionFailedError);
    expect(await principal("alice")).toMatchObject({ groups: [], secrets: before.secrets });
  });

  it("may make a user of a robot", async () => {
    await apply(await plan(FILE, EVERYTHING));
    const next = { ...FILE, users: [...FILE.users, { name: "ci" }], robots: [] };
    await apply(await plan(next, EVERYTHING));
    expect(await principal("ci")).toMatchObject({ kind: "user" });
    expect(await told(next, EVERYTHING)).toEqual([]);
  });

  it("cannot give one name to both, and says so", async () => {
    await apply(await plan(FILE, EVERYTHING));
    const next = { ...FILE, users: [...FILE.users, { name: "ci" }], robots: [] };
    for (const create of [true, false]) {
      await expect(plan(next, { create, pruneAccounts: false })).rejects.toMatchObject({
        message: "the file has a user ci, and there is a robot ci",
        failure: { code: "KIND_TAKEN", name: "ci", kind: "user", taken: "robot" },
      });
    }
  });

  it("makes a hundred changes together or not at all, and goes on where it stopped", async () => {
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
    expect((await loadAccess(records)).grants).toHaveLength(MAX_BATCH);
    expect(await told({ grants })).toHaveLength(250 - MAX_BATCH);
    await apply(await plan({ grants }));
    expect(await told({ grants })).toEqual([]);
  });
});
