import { expect, it } from "vitest";
import { retryWhileInUse } from "../../../lib/http/endpoints/retry-while-in-use.ts";
import { UploadBusyError } from "../../../lib/ports/upload-store.ts";
import { UploadInUseError } from "../../../lib/registry/uploads.ts";

/** Creates work that is rejected as busy for each promise, and then succeeds. @returns the work, and its number of calls */
function busyFor(...ends: Promise<void>[]) {
  const calls = { count: 0 };
  const work = async () => {
    const ended = ends[calls.count++];
    if (ended !== undefined) throw new UploadInUseError(new UploadBusyError("id", { use: "close", ended }));
  };
  return { work, calls };
}

it("closes a session immediately when no other request is using it", async () => {
  const { work, calls } = busyFor();
  await retryWhileInUse(work);
  expect(calls.count).toBe(1);
});

it("closes a session after all requests that were using it have ended", async () => {
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const { work, calls } = busyFor(first.promise, second.promise);
  const closed = retryWhileInUse(work);
  await Promise.resolve();
  expect(calls.count).toBe(1);
  first.resolve();
  await expect.poll(() => calls.count).toBe(2);
  second.resolve();
  await closed;
  expect(calls.count).toBe(3);
});

it("rejects with 429 when another request uses the session for longer than the limit", async () => {
  const { work, calls } = busyFor(new Promise(() => undefined));
  await expect(retryWhileInUse(work, 1)).rejects.toMatchObject({ status: 429, code: "TOOMANYREQUESTS" });
  expect(calls.count).toBe(1);
});

it("passes on any other error immediately", async () => {
  await expect(retryWhileInUse(() => Promise.reject(new Error("other")))).rejects.toThrow("other");
});
