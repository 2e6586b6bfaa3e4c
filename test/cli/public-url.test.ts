import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { Command, dockless } from "../support/command.ts";
import { newFolder } from "../support/folder.ts";

const FORWARDED = { "x-forwarded-proto": "https", "x-forwarded-host": "registry.example.com" };

let folder: Awaited<ReturnType<typeof newFolder>>;
let command: Command | undefined;

beforeEach(async () => {
  folder = await newFolder();
  await dockless(["init", "--data", folder.path]);
  await dockless(["user", "add", "alice", "--data", folder.path]);
});
afterEach(async () => {
  await command?.kill();
  await folder.remove();
});

/** Starts `dockless serve` on a data folder with an account. */
async function start(...args: readonly string[]) {
  const running = new Command(["serve", "--port", "0", "--data", folder.path, ...args]);
  command = running;
  await expect.poll(() => running.stdout, { timeout: 10_000 }).toMatch(/listening on .*\n/);
  const url = /listening on (\S+)/.exec(running.stdout)?.[1] ?? "";
  return { running, url };
}

async function challengeOf(url: string, headers: Record<string, string>) {
  const client = new Client(url);
  const { status, headers: sent, body } = await client.get("/v2/", headers);
  client.close();
  return status === 401 ? sent["www-authenticate"] : `${status} ${body}`;
}

describe("the challenge of dockless serve", () => {
  it("names the host and the scheme that a proxy on this machine forwards", async () => {
    const { url, running } = await start();
    expect(await challengeOf(url, { host: "docker_registry", ...FORWARDED })).toBe(
      'Bearer realm="https://registry.example.com/token",service="registry.example.com"',
    );
    expect(running.stderr).toBe("");
  });

  it.each(["docker_registry", "registry.example.com."])("names any host: %s", async (host) => {
    const { url } = await start();
    expect(await challengeOf(url, { host })).toBe(`Bearer realm="http://${host}/token",service="${host}"`);
  });

  it("is withheld for a malformed host, with an error that names the option to set it", async () => {
    const { url } = await start();
    expect(await challengeOf(url, { host: 'a"b' })).toMatch(/^400 .*--public-url/);
  });

  it("ignores the headers of untrusted proxies, and logs them once", async () => {
    const { url, running } = await start("--trust-proxy", "10.0.0.7");
    for (const _ of [1, 2])
      expect(await challengeOf(url, { host: "localhost", ...FORWARDED })).toContain(
        'realm="http://localhost/',
      );
    await expect.poll(() => running.stderr).toContain("\n");
    const lines = running.stderr.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: expect.any(String),
        level: "warning",
        from: "127.0.0.1",
        warning: expect.stringMatching(/--trust-proxy.*--public-url/),
      },
    ]);
  });
});

it("the banner names the public URL, and the address that the process listens on", async () => {
  const { url, running } = await start("--public-url", "https://registry.example.com");
  expect(running.stdout).toContain("  docker login registry.example.com\n");
  expect(running.stdout).toContain("  docker push registry.example.com/alpine\n");
  expect(running.stdout.trimEnd().split("\n").at(-1)).toBe(`dockless listening on ${url}`);
});
