import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { formatAccounts } from "../../lib/cli/output/accounts.ts";
import { Command, type CommandResult, dockless } from "../support/command.ts";
import { newRegistryFolder } from "../support/folder.ts";
import { startServer } from "../support/server.ts";

let folder: Awaited<ReturnType<typeof newRegistryFolder>>;
beforeEach(async () => {
  folder = await newRegistryFolder();
});
afterEach(() => folder.remove());

function run(...args: readonly string[]) {
  return dockless([...args, "--data", folder.path]);
}

/** Runs a command that fails. @returns its one line of standard error */
async function lineOf(...args: readonly string[]): Promise<string> {
  return (await failureOf(...args)).stderr;
}

async function failureOf(...args: readonly string[]): Promise<CommandResult> {
  const result = await run(...args);
  expect(result.stdout).toBe("");
  expect(result.stderr).toMatch(/^dockless: [^\n]+\n$/);
  return result;
}

describe("accounts", () => {
  it("are added with next steps that npm runs, if npm runs the command", async () => {
    const env = { npm_lifecycle_event: "dockless" };
    const { stderr } = await dockless(["user", "add", "alice", "--data", folder.path], { env });
    expect(stderr).toContain(": npm run -s dockless -- access grant user:alice '**' admin");
    const again = await dockless(["user", "rotate", "bob", "--data", folder.path], { env });
    expect(again.stderr).toBe("dockless: there is no user bob: see `npm run -s dockless -- user list`\n");
  });

  it("are applied by a running server, which then requires authentication", async () => {
    const server = await startServer({ data: folder.path });
    try {
      expect((await fetch(`${server.url}/v2/`)).status).toBe(200);
      const { code, stdout } = await run("user", "add", "alice");
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^dockless_[0-9A-Za-z]{30}\n$/)]);
      await expect.poll(async () => (await fetch(`${server.url}/v2/`)).status, { timeout: 10_000 }).toBe(401);
      const authorization = `Basic ${Buffer.from(`alice:${stdout.trim()}`).toString("base64")}`;
      expect((await fetch(`${server.url}/v2/`, { headers: { authorization } })).status).toBe(200);
      const listed = JSON.parse((await run("user", "list", "--json")).stdout);
      expect(listed).toMatchObject([{ name: "alice", lastUsed: expect.stringMatching(/Z$/) }]);
    } finally {
      await server.stop();
    }
  });

  it("appear in the audit log of a running server, even if they were added before its first request", async () => {
    const command = new Command(["serve", "--port", "0", "--data", folder.path]);
    try {
      await expect.poll(() => command.stdout, { timeout: 10_000 }).toMatch(/listening on http:\S+\n/);
      await run("user", "add", "alice");
      await fetch(`${/listening on (\S+)/.exec(command.stdout)?.[1]}/v2/`);
      const line = '"event":"access","change":"add","kind":"user","name":"alice"';
      await expect.poll(() => command.stderr, { timeout: 5000 }).toContain(line);
    } finally {
      await command.kill();
    }
  });

  it("are required to listen on a non-loopback address", async () => {
    const host = ["--host", "0.0.0.0", "--port", "0"];
    const line = await lineOf("serve", ...host);
    for (const part of ["no accounts", "dockless user add", "--allow-anonymous"])
      expect(line).toContain(part);
    const open = await startServer({ data: folder.path, args: ["--host", "0.0.0.0", "--allow-anonymous"] });
    await open.stop();
    await run("robot", "add", "ci");
    const closed = await startServer({ data: folder.path, args: ["--host", "0.0.0.0"] });
    try {
      const url = closed.url.replace("0.0.0.0", "127.0.0.1");
      expect((await fetch(`${url}/v2/`)).status).toBe(401);
    } finally {
      await closed.stop();
    }
  });

  it("are added with a message on the next steps, and the first ends anonymous access", async () => {
    const first = await run("user", "add", "alice", "--group", "devs");
    const location = `--data ${folder.path}`;
    expect(first.stdout).toMatch(/^dockless_\w+\n$/);
    expect(first.stderr.split("\n")).toEqual([
      "anonymous access has ended: every request now requires an account or a grant to anonymous",
      "secret of alice (not shown again):",
      `next: grant access to repositories: dockless access grant user:alice '**' admin ${location}`,
      "then: sign in: docker login --username alice REGISTRY",
      "",
    ]);
    await run("access", "grant", "group:devs", "**", "pull");
    expect((await run("robot", "add", "ci", "--group", "devs")).stderr.split("\n")).toEqual([
      "secret of ci (not shown again):",
      "next: sign in: docker login --username ci REGISTRY",
      "",
    ]);
    expect((await run("robot", "add", "cd")).stderr).toContain(
      `next: grant access to repositories: dockless access grant robot:cd '**' pull,push ${location}\n`,
    );
    await run("access", "grant", "anonymous", "public/**", "pull");
    expect((await run("robot", "add", "ce")).stderr).toContain("next: grant access to repositories: ");
    expect((await run("robot", "add", "json", "--json")).stderr).toBe("");
  }, 60_000);

  it("need not exist for a grant to end anonymous access", async () => {
    const { stderr } = await run("access", "grant", "anonymous", "**", "pull");
    expect(stderr).toContain("anonymous access has ended");
    expect((await run("access", "grant", "authenticated", "**", "pull")).stderr).not.toContain("ended");
  });

  it("are listed with expired secrets marked", async () => {
    const listed = { name: "ci", groups: [], created: "2026-01-01T00:00:00.000Z", lastUsed: undefined };
    const secrets = [
      { id: "aaaaaa", created: listed.created, expires: "2026-01-02T00:00:00.000Z" },
      { id: "bbbbbb", created: listed.created, expires: "2026-01-03T00:00:00.000Z" },
      { id: "cccccc", created: listed.created },
    ];
    const table = formatAccounts([{ ...listed, secrets }], new Date("2026-01-02T00:00:00Z"));
    expect(table).toContain(
      "aaaaaa EXPIRED 2026-01-02T00:00:00.000Z, bbbbbb until 2026-01-03T00:00:00.000Z, cccccc\n",
    );
  });

  it("can be listed, rotated and removed", async () => {
    await run("robot", "add", "ci", "--group", "builders", "--expires", "90d");
    const { stdout: table } = await run("robot", "list");
    expect(table).toMatch(
      /^NAME +GROUPS +CREATED +LAST USED +SECRETS\nci +builders +\S+ +never +\w{6} until \S+\n$/,
    );
    expect((await run("robot", "rotate", "ci", "--keep", "24h")).stdout).toMatch(/^dockless_/);
    const [{ secrets }] = JSON.parse((await run("robot", "list", "--json")).stdout);
    expect(secrets).toHaveLength(2);
    expect(JSON.stringify(secrets)).not.toContain("hmac");
    expect((await run("robot", "remove", "ci")).code).toBe(0);
    expect(JSON.parse((await run("robot", "list", "--json")).stdout)).toEqual([]);
  }, 60_000);

  it.each<[string, number, readonly string[], string]>([
    ["an invalid name", 2, ["user", "add", "Alice Smith"], "invalid name"],
    ["an invalid group", 2, ["user", "add", "alice", "--group", "../x"], "invalid name"],
    ["removal of an unknown robot", 1, ["robot", "remove", "ci"], "there is no robot ci"],
    ["rotation of the secret of an unknown user", 1, ["user", "rotate", "bob"], "there is no user bob"],
    ["a grant to an invalid grantee", 2, ["access", "grant", "alice", "a/*", "pull"], "invalid grantee"],
    [
      "a grant to an unknown rule",
      1,
      ["access", "grant", "oidc:nope", "**", "pull"],
      "there is no rule for oidc:nope",
    ],
    ["a grant of an unknown action", 2, ["access", "grant", "user:alice", "a/*", "write"], "unknown action"],
    [
      "a grant on an invalid pattern",
      2,
      ["access", "grant", "user:alice", "A/*", "pull"],
      "invalid repository pattern",
    ],
    [
      "revocation of an unknown grant",
      1,
      ["access", "revoke", "user:alice", "a/*"],
      "for exactly the pattern a/*: see `dockless access list`",
    ],
    [
      "an explanation for an unknown user",
      1,
      ["access", "explain", "user:bob", "pull", "a/b"],
      "there is no user bob",
    ],
  ])("reject %s in one line, with status %d", async (_, status, args, part) => {
    const { code, stderr } = await failureOf(...args);
    expect([code, stderr]).toEqual([status, expect.stringContaining(part)]);
  });

  it("cannot take the name of another user or robot", async () => {
    await run("user", "add", "ci");
    for (const kind of ["user", "robot"]) expect(await lineOf(kind, "add", "ci")).toContain("ci already");
  });

  it("have the granted access, and access explain reports the grants that decide", async () => {
    await run("user", "add", "alice", "--group", "devs");
    await run("access", "grant", "group:devs", "acme/**", "push,pull");
    const { stdout: listed } = await run("access", "list");
    expect(listed).toMatch(/^GRANTEE +REPOSITORIES +ACTIONS\ngroup:devs +acme\/\*\* +pull,push\n$/);
    const explained = async (...request: readonly string[]) => {
      const { code, stdout } = await run("access", "explain", "user:alice", ...request);
      return `${code} ${stdout}`;
    };
    expect(await explained("push", "acme/app")).toMatch(
      /^0 user:alice may push to acme\/app:\n.*group:devs allows it\n$/,
    );
    expect(await explained("delete", "acme/app", "--json")).toMatch(/^1 \{\n.*\n.*\n.*\n +"allowed": false/);
    expect(await explained("delete", "acme/app")).toMatch(
      /^1 .*may not delete(.*\n)+.*does not include delete/,
    );
    expect(await explained("push", "other")).toMatch(/^1 .*may not push(.*\n)+.*is for other repositories/);
    expect((await run("access", "revoke", "group:devs", "acme/**")).code).toBe(0);
    expect(JSON.parse((await run("access", "list", "--json")).stdout)).toMatchObject({ grants: [] });
  }, 60_000);
});
