import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccessError } from "../../lib/auth/access-error.ts";
import { toPrintable } from "../../lib/cli/output/access-file.ts";
import { dockless } from "../support/command.ts";
import { newRegistryFolder } from "../support/folder.ts";

const FILE = {
  users: [{ name: "alice", groups: ["devs"] }],
  issuers: [{ url: "https://gitlab.com", audiences: ["registry.example.com"] }],
  oidcRules: [{ name: "acme", issuer: "https://gitlab.com", claims: { project_path: "acme/**" } }],
  awsRules: [{ name: "production", accounts: ["123456789012"] }],
  grants: [{ subject: "group:devs", pattern: "acme/**", actions: ["pull", "push"] }],
};

let folder: Awaited<ReturnType<typeof newRegistryFolder>>;
let file: string;
beforeEach(async () => {
  folder = await newRegistryFolder();
  file = join(folder.path, "access.json");
  await writeFile(file, JSON.stringify(FILE));
});
afterEach(() => folder.remove());

function run(...args: readonly string[]) {
  return dockless(["access", ...args, "--data", folder.path]);
}

/** Runs a command that fails. @returns its one line of standard error */
async function lineOf(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^dockless: [^\n]+\n$/);
  return stderr;
}

describe("access apply", () => {
  it("prints the changes as a table, and no changes when repeated", async () => {
    const { code, stdout } = await run("apply", file, "--dry-run");
    expect([code, stdout.split("\n").map((line) => line.split(/ {2,}/))]).toEqual([
      0,
      [
        ["CHANGE", "KIND", "NAME", "DETAILS"],
        ["missing", "user", "alice", "create it with --create"],
        ["add", "issuer", "https://gitlab.com", "audiences: registry.example.com"],
        ["add", "oidc-rule", "acme", 'issuer: "https://gitlab.com"; claims: {"project_path":"acme/**"}'],
        ["add", "aws-rule", "production", "accounts: 123456789012"],
        ["add", "grant", "group:devs acme/**", "actions: pull,push"],
        [""],
      ],
    ]);
    expect((await run("apply", file)).stdout).toBe(stdout);
    const { stdout: created } = await run("apply", file, "--create");
    expect(created).toMatch(/\nadd +user +alice +groups: devs\n\nNAME.*\nuser:alice +dockless_\w{30}\n$/s);
    expect((await run("apply", file, "--create")).stdout).toBe("no changes\n");
  }, 60_000);

  it("prints the changes as JSON with --json, and each secret once", async () => {
    const json = async (...args: readonly string[]) =>
      JSON.parse((await run("apply", file, "--json", ...args)).stdout);
    expect(await json("--dry-run", "--create")).toMatchObject({ secrets: [] });
    const { steps, secrets } = await json("--create");
    expect(steps[0]).toEqual({ change: "add", kind: "user", name: "alice", after: { groups: ["devs"] } });
    expect(secrets).toEqual([{ name: "user:alice", secret: expect.stringMatching(/^dockless_/) }]);
    expect(await json("--create")).toEqual({ steps: [], secrets: [] });
  }, 60_000);

  it("removes exported entries that were deleted from the file", async () => {
    await run("apply", file, "--create");
    const { stdout } = await run("export");
    expect(JSON.parse(stdout)).toEqual({ ...FILE, robots: [] });
    await writeFile(file, stdout);
    expect((await run("apply", file)).stdout).toBe("no changes\n");
    await writeFile(file, JSON.stringify({ ...FILE, users: [], grants: [] }));
    const { stdout: changes } = await run("apply", file);
    expect(changes.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["CHANGE", "KIND", "NAME", "DETAILS"],
      ["remove", "grant", "group:devs acme/**", "actions: pull,push"],
      ["change", "user", "alice", "groups: devs -> groups: -"],
      ["extra", "user", "alice", "remove it with --prune-accounts"],
      [""],
    ]);
    expect((await run("apply", file, "--prune-accounts")).stdout).toMatch(/\nremove +user +alice/);
    expect(JSON.parse((await run("export")).stdout)).toMatchObject({ users: [], grants: [] });
  }, 60_000);

  it("keeps the admin's grant with --add, and does not remove the last admin without --force", async () => {
    const options = ["--data", folder.path];
    await dockless(["user", "add", "root", ...options]);
    await run("grant", "user:root", "**", "admin");
    expect(await lineOf("apply", file)).toBe(
      "dockless: the access file would remove the last admin: keep an admin grant in the file, merge the file with --add, or apply it with --force\n",
    );
    expect((await run("apply", file, "--add", "--create")).stdout).not.toContain("remove");
    expect((await run("list")).stdout).toMatch(/^user:root +\*\* +admin$/m);
    expect((await run("apply", file, "--force")).stdout).toMatch(/^remove +grant +user:root /m);
  }, 60_000);

  it("warns on standard error about grants without effect, even with --json", async () => {
    const { stdout, stderr } = await run("apply", file, "--json", "--dry-run");
    expect(JSON.parse(stdout).steps).toHaveLength(5);
    expect(stderr).toBe(
      "dockless: warning: group devs has no members: add one with `dockless user add NAME --group devs`\n",
    );
    const granted = await run("grant", "user:bob", "acme/*", "push");
    expect(granted.stdout).toMatch(/^user:bob +acme\/\* +push$/m);
    expect(granted.stderr).toMatch(
      /^anonymous access .*\ndockless: warning: there is no user bob: .*\ndockless: warning: user:bob may push .*\n$/,
    );
  }, 60_000);

  it("prints the secrets of created accounts even when a later step fails", () => {
    const done = { steps: [], warnings: [], secrets: [{ name: "user:alice", secret: "dockless_x" }] };
    const failure = new AccessError({ code: "NAME_TAKEN", name: "bob" });
    const { warnings: _, ...printed } = done;
    expect(toPrintable({ ...done, failure })).toEqual({
      ...printed,
      failure: expect.stringContaining("a user or robot named bob already exists: "),
    });
    expect(toPrintable(done)).toEqual(printed);
  });

  it("rejects a user with the name of a robot, and changes nothing", async () => {
    await dockless(["robot", "add", "bob", "--data", folder.path]);
    await writeFile(file, JSON.stringify({ users: [{ name: "alice" }, { name: "bob" }] }));
    expect(await lineOf("apply", file, "--create")).toMatch(
      /the access file declares user bob, but a robot named bob already exists: remove it with `dockless robot remove bob`, or rename one of them/,
    );
    expect(JSON.parse((await run("export")).stdout).users).toEqual([]);
  }, 60_000);

  it("reports the invalid field of the file, and changes nothing", async () => {
    await writeFile(file, JSON.stringify({ ...FILE, grants: [{ ...FILE.grants[0], pattern: "Acme" }] }));
    expect(await lineOf("apply", file)).toContain("grants[0].pattern: invalid repository pattern");
    await writeFile(file, "{");
    expect(await lineOf("apply", file)).toContain("is not valid JSON");
    expect(await lineOf("apply", `${file}.nil`)).toContain("cannot read");
    expect(JSON.parse((await run("export")).stdout)).toMatchObject({ issuers: [] });
  }, 60_000);
});

describe("access list", () => {
  it("prints grants, issuers and rules", async () => {
    await run("apply", file);
    const { stdout } = await run("list");
    for (const line of [
      /^GRANTEE +REPOSITORIES +ACTIONS\ngroup:devs /m,
      /^https:\/\/gitlab.com +registry.example.com +from discovery$/m,
      /^acme +https:\/\/gitlab.com +\{"project_path":"acme\/\*\*"\}$/m,
      /^production +123456789012 +any +any$/m,
    ])
      expect(stdout).toMatch(line);
    const { users: _, ...listed } = FILE;
    expect(JSON.parse((await run("list", "--json")).stdout)).toEqual(listed);
  }, 60_000);
});

describe("access replace-keys", () => {
  it("reports that running servers must be restarted", async () => {
    const { code, stdout } = await run("replace-keys");
    expect([code, stdout]).toEqual([0, expect.stringContaining("restart all running servers")]);
  });
});
