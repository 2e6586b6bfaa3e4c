import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SMALL_BODY_TIMEOUT_MILLISECONDS } from "../../lib/http/body.ts";
import { AccessContext, basic, HOST } from "./auth/access-context.ts";

/** A body that sends one byte and then neither ends nor fails. @param onStall called once the rest is awaited */
async function* stall(onStall: () => void): AsyncGenerator<Uint8Array> {
  yield Buffer.from("g");
  onStall();
  await new Promise(() => undefined);
}

describe("a small request body that does not end", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["a form of the token endpoint", "POST", "/token", "application/x-www-form-urlencoded"],
    ["a manifest", "PUT", "/v2/acme/app/manifests/1.0", "application/vnd.oci.image.manifest.v1+json"],
  ])("is rejected with 408 at the deadline: %s", async (_, method, path, type) => {
    const context = new AccessContext();
    const secret = await context.addUser("alice");
    await context.grant("user:alice", "**", "admin");
    const headers = { host: HOST, "content-type": type, authorization: basic("alice", secret) };
    const stalled = Promise.withResolvers<void>();
    const response = context.app({ method, path, query: "", headers, body: stall(stalled.resolve) });
    await stalled.promise;
    await vi.advanceTimersByTimeAsync(SMALL_BODY_TIMEOUT_MILLISECONDS - 1);
    expect(await Promise.race([response, delay(0, "pending")])).toBe("pending");
    await vi.advanceTimersByTimeAsync(1);
    const { status, body } = await response;
    expect({ status, body: String(body) }).toEqual({
      status: 408,
      body: expect.stringContaining("request body incomplete after 60 s: send it again"),
    });
  });

  it("leaves no timer running when the body ends in time", async () => {
    const context = new AccessContext();
    await context.addUser("alice");
    expect((await context.post({ grant_type: "password", username: "alice", password: "x" })).status).toBe(
      401,
    );
    expect(vi.getTimerCount()).toBe(0);
  });
});
