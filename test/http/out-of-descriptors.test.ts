import { describe, expect, it } from "vitest";
import { composeApp } from "../../lib/http/compose.ts";
import type { LogLine } from "../../lib/http/middleware/log.ts";
import { requestedHost } from "../../lib/http/public-host.ts";
import { bodyOf } from "../../lib/ports/body.ts";
import { StorageUnavailableError } from "../../lib/ports/storage-errors.ts";
import { clocksOf, createMemoryRegistry, withInterceptor } from "../support/memory.ts";
import { digestOf } from "./content.ts";

/** Creates an application whose blob store always fails. */
function createFailingApp(failure: Error) {
  const { registry, clock } = createMemoryRegistry();
  const lines: LogLine[] = [];
  const failing = withInterceptor(registry, async ({ store }, run) => {
    if (store === "blobs") throw failure;
    return await run();
  });
  const app = composeApp({
    ...{ registry: failing, hostOf: requestedHost("http") },
    ...{ monotonicNow: clocksOf(clock).monotonicNow, audienceOf: () => undefined, tokenLifetime: 300 },
    ...{ log: (line) => lines.push(line), logsRequests: false, openUntilConfigured: true },
    stsEndpoint: undefined,
  });
  const push = async () =>
    await app({
      ...{ method: "POST", path: "/v2/a/blobs/uploads/", query: `digest=${digestOf("a")}` },
      ...{ headers: { host: "a" }, body: bodyOf(Buffer.from("a")) },
    });
  return { lines, clock, push };
}

const EMFILE = Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });

describe("a request that runs out of file descriptors", () => {
  it.each([
    ["EMFILE", EMFILE],
    ["ENFILE", Object.assign(new Error("file table overflow"), { code: "ENFILE" })],
    ["EMFILE as the cause of an outage of the store", new StorageUnavailableError(EMFILE)],
  ])("returns 503 with Retry-After: %s", async (_, failure) => {
    const { status, headers, body } = await createFailingApp(failure).push();
    expect({ status, retry: headers["retry-after"], body: String(body) }).toEqual({
      ...{ status: 503, retry: "1" },
      body: '{"errors":[{"code":"UNAVAILABLE","message":"too many open files: try again"}]}',
    });
  });

  it("is logged once per minute, in one line without a stack trace", async () => {
    const { lines, clock, push } = createFailingApp(EMFILE);
    for (let count = 0; count < 5; count += 1) await push();
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/Z$/),
        level: "error",
        error: "too many open files: raise the limit of the process (ulimit -n), or lower --max-connections",
        skipped: 0,
      },
    ]);
    clock.advance(60);
    await push();
    expect(lines.slice(1)).toMatchObject([{ skipped: 4 }]);
  });

  it("does not suppress the log of another internal error", async () => {
    const { lines, push } = createFailingApp(new Error("defect"));
    for (let count = 0; count < 2; count += 1) expect((await push()).status).toBe(500);
    expect(lines).toMatchObject([{ error: expect.stringContaining("defect\n    at ") }, { level: "error" }]);
  });
});
