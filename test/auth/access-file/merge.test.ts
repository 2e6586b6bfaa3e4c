import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { AccessError } from "../../../lib/auth/access-error.ts";
import {
  type ApplyAccessFileOptions,
  applyAccessFile,
  exportAccessFile,
} from "../../../lib/auth/access-file/apply-access-file.ts";
import { addAccount } from "../../../lib/auth/accounts/manage-accounts.ts";
import { grant } from "../../../lib/auth/grants/manage-grants.ts";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import { createMemoryRegistry } from "../../support/memory.ts";
import { useFolder } from "../../support/use-folder.ts";

const NOW = new Date("2026-11-21T12:00:00Z");
const ADMIN = { subject: "user:root", pattern: "**", actions: ["admin"] };
const READERS = { subject: "group:devs", pattern: "acme/**", actions: ["pull"] };
const DEFAULTS = { add: false, force: false, dryRun: false, create: false, pruneAccounts: false };

const folder = useFolder();
let records: RecordStore;

beforeEach(async () => {
  records = createMemoryRegistry().records;
  await addAccount(records, "user", "root", { groups: ["ops"], expires: undefined }, NOW);
  await grant(records, ADMIN.subject, ADMIN.pattern, "admin");
});

async function apply(file: object, options: Partial<ApplyAccessFileOptions> = {}) {
  const path = join(folder.path, "access.json");
  await writeFile(path, JSON.stringify(file));
  return await applyAccessFile(records, path, { ...DEFAULTS, ...options }, () => NOW);
}

describe("an access file that is merged", () => {
  it("removes nothing", async () => {
    await apply({ grants: [READERS] }, { add: true });
    expect(await exportAccessFile(records)).toMatchObject({
      users: [{ name: "root", groups: ["ops"] }],
      grants: [READERS, ADMIN],
    });
  });

  it("adds groups to an account, and actions to a grant on the same pattern", async () => {
    await apply({ grants: [READERS] }, { add: true });
    const file = {
      users: [{ name: "root", groups: ["devs"] }],
      grants: [{ ...READERS, actions: ["push"] }],
    };
    const { steps } = await apply(file, { add: true });
    expect(steps.map(({ change, name }) => `${change} ${name}`)).toEqual([
      "change root",
      "change group:devs acme/**",
    ]);
    expect(await exportAccessFile(records)).toMatchObject({
      users: [{ name: "root", groups: ["ops", "devs"] }],
      grants: [{ ...READERS, actions: ["pull", "push"] }, ADMIN],
    });
    expect((await apply(file, { add: true })).steps).toEqual([]);
  });

  it("replaces a rule of the same name, and can grant to a rule that exists", async () => {
    await apply({ awsRules: [{ name: "build", accounts: ["123456789012"] }] }, { add: true });
    await apply({ awsRules: [{ name: "build", accounts: ["210987654321"] }] }, { add: true });
    await apply({ grants: [{ ...READERS, subject: "aws:build" }] }, { add: true });
    expect(await exportAccessFile(records)).toMatchObject({
      awsRules: [{ name: "build", accounts: ["210987654321"] }],
      grants: [{ subject: "aws:build" }, ADMIN],
    });
  });

  it("cannot grant to a rule that neither the file nor the registry has", async () => {
    const file = { grants: [{ ...READERS, subject: "aws:build" }] };
    await expect(apply(file, { add: true })).rejects.toThrow(
      "grants[0].subject: there is no rule for aws:build",
    );
  });
});

describe("the last admin", () => {
  it.each<[string, object, Partial<ApplyAccessFileOptions>]>([
    ["its grant", { users: [{ name: "root" }], grants: [READERS] }, {}],
    ["its account", { grants: [ADMIN] }, { pruneAccounts: true }],
    [
      "its account, for one that is not created",
      { users: [{ name: "eve" }], grants: [ADMIN] },
      { pruneAccounts: true },
    ],
  ])("is not removed with %s unless it is forced", async (_, file, options) => {
    const before = await exportAccessFile(records);
    for (const dryRun of [true, false])
      await expect(apply(file, { ...options, dryRun })).rejects.toThrow(
        new AccessError({ code: "LAST_ADMIN" }),
      );
    expect(await exportAccessFile(records)).toEqual(before);
    await apply(file, { ...options, force: true });
    expect(await exportAccessFile(records)).not.toEqual(before);
  });

  it("is not removed along with its group", async () => {
    await apply({ grants: [{ ...ADMIN, subject: "group:ops" }], users: [{ name: "root", groups: ["ops"] }] });
    const file = { grants: [{ ...ADMIN, subject: "group:ops" }], users: [{ name: "root" }] };
    await expect(apply(file)).rejects.toThrow("would remove the last admin");
  });

  it.each<[string, object, Partial<ApplyAccessFileOptions>]>([
    [
      "another account",
      { users: [{ name: "eve" }], grants: [{ ...ADMIN, subject: "user:eve" }] },
      { create: true },
    ],
    [
      "a rule",
      { awsRules: [{ name: "ops", accounts: ["123456789012"] }], grants: [{ ...ADMIN, subject: "aws:ops" }] },
      {},
    ],
    ["all identities", { grants: [{ ...ADMIN, subject: "authenticated" }] }, {}],
  ])("can be replaced by %s", async (_, file, options) => {
    expect((await apply(file, options)).failure).toBeUndefined();
    expect(JSON.stringify((await exportAccessFile(records)).grants)).not.toContain("user:root");
  });

  it("is not required if there was none before", async () => {
    records = createMemoryRegistry().records;
    expect((await apply({ grants: [READERS] })).steps).toHaveLength(1);
  });
});

describe("a warning", () => {
  it.each<[string, object, string]>([
    [
      "a user",
      { subject: "user:bob", pattern: "a", actions: ["pull"] },
      "there is no user bob: create it with `dockless user add bob`",
    ],
    [
      "a robot",
      { subject: "robot:ci", pattern: "a", actions: ["pull"] },
      "there is no robot ci: create it with `dockless robot add ci`",
    ],
    [
      "a group",
      { ...READERS },
      "group devs has no members: add one with `dockless user add NAME --group devs`",
    ],
    [
      "push without pull",
      { subject: "group:ops", pattern: "a/**", actions: ["push"] },
      "group:ops may push to a/**, but not pull from it: clients check what exists before a push, so grant pull,push",
    ],
  ])("names %s", async (_, one, warning) => {
    expect((await apply({ grants: [one] }, { add: true, dryRun: true })).warnings).toEqual([warning]);
  });

  it.each<[string, readonly object[]]>([
    ["push with pull", [{ subject: "user:root", pattern: "a/**", actions: ["pull", "push"] }]],
    ["admin, which includes both", [ADMIN]],
    [
      "push where everyone may pull",
      [
        { subject: "user:root", pattern: "a/**", actions: ["push"] },
        { subject: "anonymous", pattern: "a/**", actions: ["pull"] },
      ],
    ],
    [
      "push where every account may pull",
      [
        { subject: "user:root", pattern: "a/**", actions: ["push"] },
        { subject: "authenticated", pattern: "**", actions: ["pull"] },
      ],
    ],
  ])("is not given for %s", async (_, grants) => {
    const file = { users: [{ name: "root" }], grants };
    expect((await apply(file, { force: true, dryRun: true })).warnings).toEqual([]);
  });

  it("is printed for a push grant where only anonymous identities may push", async () => {
    const grants = [
      { subject: "anonymous", pattern: "a/**", actions: ["push"] },
      { subject: "authenticated", pattern: "a/**", actions: ["pull"] },
    ];
    expect((await apply({ grants }, { add: true, dryRun: true })).warnings).toHaveLength(1);
  });
});
