import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatResult } from "../../lib/doctor/findings/report.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { BLOB_DEFECTS } from "./defects/blobs.ts";
import { MANIFEST_DEFECTS } from "./defects/manifests.ts";
import { OTHER_DEFECTS } from "./defects/others.ts";
import { UPLOAD_DEFECTS } from "./defects/uploads.ts";
import { startProxy } from "./proxy.ts";
import { runDoctor } from "./run-doctor.ts";

const DEFECTS = [...BLOB_DEFECTS, ...UPLOAD_DEFECTS, ...MANIFEST_DEFECTS, ...OTHER_DEFECTS];

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.dispose());

describe("a proxy that changes nothing", () => {
  it("passes all checks, and all pushed content is deleted", async () => {
    const proxy = await startProxy(server.url, {});
    const { results, names, exitCode } = await runDoctor(proxy.url, { size: 11_000_000, duration: 1 });
    await proxy.stop();
    expect([names("failed"), names("warning"), exitCode]).toEqual([[], [], 0]);
    expect(names("skipped")).toEqual(["challenge", "token-get", "token-post", "routes"]);
    expect(results.at(-1)).toMatchObject({
      name: "clean-up",
      summary: expect.stringMatching(/^\d\d objects/),
    });
    const pushed = proxy.requests.filter(({ method, path }) => method === "PUT" && path.includes("digest="));
    expect(pushed.length).toBeGreaterThan(8);
    for (const { path } of pushed) {
      const digest = new URL(path, proxy.url).searchParams.get("digest");
      const blob = `${path.split("/uploads/")[0]}/${digest}`;
      expect((await fetch(server.url + blob, { method: "HEAD" })).status).toBe(404);
    }
  });
});

describe("the hostname of the web function itself", () => {
  it("passes all checks, with a warning about clients that send Expect", async () => {
    const proxy = await startProxy(server.url, {
      expectStatus: 417,
      modifyResponse: (_, answered) => ({
        ...answered,
        headers: { ...answered.headers, "lambda-web-request-id": "1" },
      }),
    });
    const { names, result, exitCode } = await runDoctor(proxy.url);
    await proxy.stop();
    expect([names("failed"), names("warning"), exitCode]).toEqual([[], ["expect-continue"], 0]);
    expect(formatResult(result("expect-continue"))).toContain("this is the DirectPushUrl of the stack");
  });
});

describe.each(DEFECTS)("a proxy with $what", ({ spoil, fails, says, size = 1_000_000 }) => {
  it(`fails ${fails.join(", ")} with an explanation`, async () => {
    const proxy = await startProxy(server.url, spoil);
    const { names, result, exitCode } = await runDoctor(proxy.url, { size });
    await proxy.stop();
    expect(names("failed")).toEqual(fails);
    expect(exitCode).toBe(1);
    for (const name of fails) {
      const lines = formatResult(result(name));
      expect(lines).toMatch(says);
      expect(lines).toMatch(/expected: +\S.*\n +actual: +\S.*\n +likely cause: +\S.*\n +fix: +\S/);
    }
  });
});
