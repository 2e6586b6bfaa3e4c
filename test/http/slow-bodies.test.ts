import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readBody, SMALL_BODY_TIMEOUT_MILLISECONDS } from "../../lib/http/body.ts";
import { collectGarbage } from "../support/process/garbage.ts";
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

describe("a small body of many chunks", () => {
  it("is not retained chunk by chunk until the deadline", async () => {
    const collected = Promise.withResolvers<void>();
    const chunks: WeakRef<Uint8Array>[] = [];
    const create = () => {
      const chunk = new Uint8Array(1);
      chunks.push(new WeakRef(chunk));
      return chunk;
    };
    async function* body(): AsyncGenerator<Uint8Array> {
      for (let number = 0; number < 10; number += 1) yield create();
      await collected.promise;
    }
    const reading = readBody({ headers: {}, body: body() }, 10);
    await turn();
    collectGarbage();
    // The engine may still refer to the last one.
    expect(chunks.filter((chunk) => chunk.deref() !== undefined).length).toBeLessThan(3);
    collected.resolve();
    expect(await reading).toHaveLength(10);
  });
});
