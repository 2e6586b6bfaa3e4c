import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dockless } from "../support/command.ts";
import { newFolder } from "../support/folder.ts";
import { startServer } from "../support/server.ts";

let folder: Awaited<ReturnType<typeof newFolder>>;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => folder.remove());

function run(...args: readonly string[]) {
  return dockless([...args, "--data", folder.path]);
}

/** Runs a command that fails. @returns its one line of standard error */
async function lineOf(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(/^dockless: [^\n]+\n$/);
  return stderr;
}

describe("accounts", () => {
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

  it.each<[string, readonly string[], string]>([
    ["an invalid name", ["user", "add", "Alice Smith"], "invalid name"],
    ["an invalid group", ["user", "add", "alice", "--group", "../x"], "invalid name"],
    ["removal of an unknown robot", ["robot", "remove", "ci"], "there is no robot ci"],
    ["rotation of the secret of an unknown user", ["user", "rotate", "bob"], "there is no user bob"],
    ["a grant to an invalid grantee", ["access", "grant", "alice", "a/*", "pull"], "invalid grantee"],
    [
      "a grant to an unknown rule",
      ["access", "grant", "oidc:nope", "**", "pull"],
      "there is no rule for oidc:nope",
    ],
    ["a grant of an unknown action", ["access", "grant", "user:alice", "a/*", "write"], "unknown action"],
    [
      "a grant on an invalid pattern",
      ["access", "grant", "user:alice", "A/*", "pull"],
      "invalid repository pattern",
    ],
    [
      "revocation of an unknown grant",
      ["access", "revoke", "user:alice", "a/*"],
      "on exactly a/*: see `dockless access list`",
    ],
    [
      "an explanation for an unknown user",
      ["access", "explain", "user:bob", "pull", "a/b"],
      "there is no user bob",
    ],
  ])("reject %s in one line", async (_, args, part) => {
    expect(await lineOf(...args)).toContain(part);
  });

  it("cannot have the name of another user or robot", async () => {
    await run("user", "add", "ci");
    for (const kind of ["user", "robot"]) expect(await lineOf(kind, "add", "ci")).toContain("ci already");
  });

  it("have the granted access, and explain reports the grants that decide", async () => {
    await run("user", "add", "alice", "--group", "devs");
    await run("access", "grant", "group:devs", "acme/**", "push,pull");
    const { stdout: listed } = await run("access", "list");
    expect(listed).toMatch(/^GRANTEE +REPOSITORIES +ACTIONS\ngroup:devs +acme\/\*\* +pull,push\n$/);
    const explained = async (...request: readonly string[]) =>
      (await run("access", "explain", "user:alice", ...request)).stdout;
    expect(await explained("push", "acme/app")).toMatch(
      /^user:alice may push acme\/app:\n.*group:devs allows it\n$/,
    );
    expect(await explained("delete", "acme/app")).toMatch(/may not delete(.*\n)+.*does not include delete/);
    expect(await explained("push", "other")).toMatch(/may not push(.*\n)+.*is for other repositories/);
    expect((await run("access", "revoke", "group:devs", "acme/**")).code).toBe(0);
    expect(JSON.parse((await run("access", "list", "--json")).stdout)).toMatchObject({ grants: [] });
  }, 60_000);
});
