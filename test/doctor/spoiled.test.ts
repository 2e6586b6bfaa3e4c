import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linesOf } from "../../lib/doctor/findings/report.ts";
import { type RunningServer, startServer } from "../support/server.ts";
import { BLOB_FRONTS } from "./fronts/blobs.ts";
import { MANIFEST_FRONTS } from "./fronts/manifests.ts";
import { OTHER_FRONTS } from "./fronts/others.ts";
import { UPLOAD_FRONTS } from "./fronts/uploads.ts";
import { startFront } from "./spoiled.ts";
import { visit } from "./visits.ts";

const DEFECTS = [...BLOB_FRONTS, ...UPLOAD_FRONTS, ...MANIFEST_FRONTS, ...OTHER_FRONTS];

let server: RunningServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.dispose());

describe("a proxy that changes nothing", () => {
  it("passes all checks, and all pushed content is deleted", async () => {
    const proxy = await startFront(server.url, {});
    const { results, names, exitCode } = await visit(proxy.url, { size: 11_000_000, duration: 1 });
    await proxy.stop();
    expect([names("failed"), names("warning"), exitCode]).toEqual([[], [], 0]);
    expect(names("skipped")).toEqual(["challenge", "token-get", "token-post", "routes"]);
    expect(results.at(-1)).toMatchObject({
      name: "clean-up",
      summary: expect.stringMatching(/^\d\d objects/),
    });
    const pushed = proxy.asked.filter(({ method, path }) => method === "PUT" && path.includes("digest="));
    expect(pushed.length).toBeGreaterThan(8);
    for (const { path } of pushed) {
      const digest = new URL(path, proxy.url).searchParams.get("digest");
      const blob = `${path.split("/uploads/")[0]}/${digest}`;
      expect((await fetch(server.url + blob, { method: "HEAD" })).status).toBe(404);
    }
  });
});

describe.each(DEFECTS)("a proxy with $what", ({ spoil, fails, says, size = 1_000_000 }) => {
  it(`fails ${fails.join(", ")} with an explanation`, async () => {
    const proxy = await startFront(server.url, spoil);
    const { names, result, exitCode } = await visit(proxy.url, { size });
    await proxy.stop();
    expect(names("failed")).toEqual(fails);
    expect(exitCode).toBe(1);
    for (const name of fails) {
      const lines = linesOf(result(name));
      expect(lines).toMatch(says);
      expect(lines).toMatch(/expected: +\S.*\n +actual: +\S.*\n +likely cause: +\S.*\n +fix: +\S/);
    }
  });
});
