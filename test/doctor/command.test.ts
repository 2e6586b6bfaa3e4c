import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKS } from "../../lib/doctor/checks.ts";
import { redact } from "../../lib/doctor/redact.ts";
import { formatRate, formatSize, readDuration, readSize } from "../../lib/doctor/size.ts";
import { freePort } from "../../local-cloud/support/processes.ts";
import { Command, dockless } from "../support/command.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { startProxy } from "./proxy.ts";

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.dispose());

describe("dockless doctor", () => {
  it("prints a line for each check and a summary, and exits with status 0 when all checks pass", async () => {
    const { code, stdout, stderr } = await dockless(["doctor", server.url, "--size", "64KB"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const { name } of CHECKS) expect(stdout).toMatch(new RegExp(`^(ok|skipped) +${name} `, "m"));
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^\d+ ok, 0 warnings, 0 failed, \d+ skipped$/);
  });

  it("prints the results of the selected and the essential checks as JSON with --json", async () => {
    const args = ["doctor", server.url, "--json", "--only", "push-put,pull"];
    const { code, stdout } = await dockless(args);
    const report = JSON.parse(stdout);
    expect([code, report.url, report.interrupted, report.unreachable]).toEqual([0, server.url, false, false]);
    expect(
      report.results.map(({ name, status }: { name: string; status: string }) => `${name} ${status}`),
    ).toEqual(["dns ok", "tls ok", "ping ok", "push-put ok", "pull ok", "clean-up ok"]);
  });

  it("exits with status 1 when a check failed", async () => {
    const proxy = await startProxy(server.url, { expectStatus: 417 });
    const { code, stdout } = await dockless(["doctor", proxy.url, "--only", "expect-continue"]);
    await proxy.stop();
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^failed +expect-continue/m)]);
  });

  it("exits with status 2 when the registry is unreachable, and summarizes the skipped checks", async () => {
    const { code, stdout } = await dockless(["doctor", `http://127.0.0.1:${await freePort()}`]);
    expect([code, stdout]).toEqual([2, expect.stringMatching(/^failed +tls +no connection/m)]);
    const lines = stdout.split("\n").filter((line) => line.startsWith("skipped"));
    expect(lines).toEqual([
      expect.stringMatching(/^skipped {2}34 checks because "tls" failed: ping, clock, /),
    ]);
  });

  it("exits with status 3 and a closing line when credentials are missing", async () => {
    const locked = await startServer();
    try {
      await dockless(["user", "add", "alice", "--data", locked.data]);
      const { code, stdout } = await dockless(["doctor", locked.url]);
      const lines = stdout.trimEnd().split("\n");
      expect(code).toBe(3);
      expect(lines.filter((line) => /^skipped +\d/.test(line))).toEqual([
        expect.stringMatching(/^skipped {2}29 checks without credentials: .*push-put, .*pull, /),
      ]);
      expect(lines.at(-1)).toBe(
        "incomplete: the registry requires credentials; run the doctor again with --username and --password-stdin",
      );
    } finally {
      await locked.dispose();
    }
  });

  it("reports that the empty repository is still listed in the catalog", async () => {
    const { stdout } = await dockless(["doctor", server.url, "--only", "push-manifest"]);
    expect(stdout).toMatch(
      /^ok +clean-up +3 objects deleted; the empty repository is still listed in the catalog$/m,
    );
    const { stdout: without } = await dockless(["doctor", server.url, "--only", "push-put"]);
    expect(without).toMatch(/^ok +clean-up +1 objects deleted$/m);
  });

  it("fails ping when the server never responds", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const { code, stdout } = await dockless(["doctor", url, "--timeout", "1s"]);
    silent.close();
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^failed +ping[\s\S]*ETIMEDOUT/m)]);
  });

  it("lists its checks, and the AWS behaviour that they verify", async () => {
    const { code, stdout } = await dockless(["doctor", "--list"]);
    expect(code).toBe(0);
    for (const { name, question: asks, settles = "" } of CHECKS) {
      expect(stdout).toContain(`${name.padEnd(16)} ${asks}`);
      expect(stdout).toContain(settles);
    }
  });

  it("deletes pushed content after Ctrl-C, and reports it", async () => {
    const command = new Command(["doctor", server.url, "--only", "push-put,long-upload", "--duration", "1h"]);
    await expect.poll(() => command.stdout, { timeout: 10_000 }).toMatch(/^ok +push-put/m);
    command.process.kill("SIGINT");
    const { code, stdout, stderr } = await command.ended();
    expect([code, stderr]).toEqual([130, expect.stringContaining("deleting pushed content")]);
    expect(stdout).toMatch(/^ok +clean-up +\d objects deleted/m);
    expect(stdout).toMatch(/^interrupted: /m);
  });

  it.each<[string, readonly string[], Readonly<Record<string, string>>, RegExp]>([
    ["no address", [], {}, /registry URL missing/],
    ["an address with a path", ["http://127.0.0.1/v2/"], {}, /without a path/],
    ["an address with a password", ["https://a:b@127.0.0.1"], {}, /--username/],
    ["an unknown check", ["127.0.0.1", "--only", "fly"], {}, /unknown check: fly/],
    ["an unknown option", ["--frobnicate"], {}, /unknown option/],
    ["a size without a number", ["127.0.0.1", "--size", "large"], {}, /300KB, 20MB/],
    ["a user without a password", ["127.0.0.1", "--username", "ci"], {}, /--password-stdin/],
    ["a password without a user", ["127.0.0.1"], { DOCKLESS_PASSWORD: "x" }, /username missing/],
  ])("rejects %s in one line, and exits with status 2", async (_, args, env, line) => {
    const { code, stdout, stderr } = await dockless(["doctor", ...args], { env });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim()).toMatch(line);
    expect(stderr.trim()).not.toContain("\n");
  });
});

describe("sizes and times", () => {
  it.each<[string, number | undefined]>([
    ["20MB", 20_000_000],
    ["5GiB", 5 * 1024 ** 3],
    ["1.5 kb", 1500],
    ["4096", 4096],
    ["MB", undefined],
    ["20 miles", undefined],
    ["-1", undefined],
  ])("sizeIn parses %j as %j bytes", (text, size) => expect(readSize(text)).toBe(size));

  it.each<[string, number | undefined]>([
    ["90", 90],
    ["15m", 900],
    ["1h", 3600],
    ["soon", undefined],
  ])("secondsIn parses %j as %j seconds", (text, seconds) => expect(readDuration(text)).toBe(seconds));

  it.each<[number, string]>([
    [999, "999 B"],
    [1500, "1.5 KB"],
    [20_000_000, "20 MB"],
  ])("sizeText formats %j as %j", (size, text) => expect(formatSize(size)).toBe(text));

  it.each([
    [20_000_000, 500, "40 MB/s"],
    [1000, 0, "1 MB/s"],
  ])("formats %d bytes in %d ms as %s", (bytes, ms, text) => expect(formatRate(bytes, ms)).toBe(text));
});

describe("redact", () => {
  it.each<[string, string]>([
    ["https://b/k?X-Amz-Signature=abc&X-Amz-Expires=9", "https://b/k?X-Amz-Signature=***&X-Amz-Expires=9"],
    ['{"token":"abc","expires_in":60}', '{"token":"***","expires_in":60}'],
    ["Authorization: Bearer abcdef123", "Authorization: Bearer ***"],
    ['Bearer realm="https://a/token"', 'Bearer realm="https://a/token"'],
    ["got eyJhbGciOi.eyJzdWIi.c2ln", "got ***"],
    ["password hunter2", "password ***"],
  ])("converts %s to %s", (text, shown) => expect(redact(text, ["hunter2"])).toBe(shown));
});
