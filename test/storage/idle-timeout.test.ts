import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { failIdleResponse } from "../../lib/storage/idle-timeout.ts";
import { isOutage } from "../../lib/storage/outage.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";

describe("a response", () => {
  it.each([undefined, null, "text", {}, { body: undefined }, { body: "text" }])(
    "without a streamed body is returned unchanged: %j",
    (response) => {
      const result = { response };
      expect(failIdleResponse(result, 1)).toBe(result);
    },
  );
});

describe("a body", () => {
  let server: ListeningServer;
  let finish: (() => void) | undefined;
  beforeEach(async () => {
    server = await listen(
      createServer((_, response) => {
        response.write("first");
        finish = () => response.end("last");
      }),
    );
  });
  afterEach(() => server.stop());

  async function read(milliseconds: number, delay: number): Promise<string> {
    return await new Promise((resolve, reject) => {
      request(server.url, (body) => {
        failIdleResponse({ response: { body } }, milliseconds);
        let text = "";
        body.on("data", (chunk) => {
          text += chunk;
          if (text === "first") setTimeout(() => finish?.(), delay);
        });
        body.on("end", () => resolve(text));
        body.on("error", reject);
      })
        .on("error", reject)
        .end();
    });
  }

  it("that makes progress is read to its end", async () => {
    expect(await read(60_000, 1)).toBe("firstlast");
  });

  it("that stalls fails as an outage", async () => {
    const error = await read(20, 60_000).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "TimeoutError", message: expect.stringContaining("for 20 ms") });
    expect(isOutage(error)).toBe(true);
  });

  it("is no longer timed once it is closed", async () => {
    const stop = vi.spyOn(globalThis, "clearInterval");
    const body = await new Promise<IncomingMessage>((resolve) => request(server.url, resolve).end());
    failIdleResponse({ response: { body } }, 60_000);
    body.destroy();
    await once(body, "close");
    expect(stop).toHaveBeenCalledOnce();
    stop.mockRestore();
  });
});

describe("an outage", () => {
  const coded = (code: string) => Object.assign(new Error("failed"), { code });
  const failedWith = (metadata: unknown) => Object.assign(new Error("failed"), { $metadata: metadata });

  it.each<[unknown, boolean]>([
    [coded("ECONNRESET"), true],
    [coded("ERR_STREAM_PREMATURE_CLOSE"), true],
    [Object.assign(new Error("failed"), { name: "RequestTimeout" }), true],
    [Object.assign(new Error("failed"), { name: "ExistingObjectIsDirectory" }), true],
    [coded("ENOENT"), false],
    [Object.assign(new Error("failed"), { name: "InternalError" }), true],
    [new Error("failed"), false],
    [failedWith({ httpStatusCode: 500 }), true],
    [failedWith({ httpStatusCode: 503 }), true],
    [failedWith({ httpStatusCode: 499 }), false],
    [failedWith({}), false],
    [failedWith(null), false],
    [failedWith(undefined), false],
    [failedWith("text"), false],
    ["ECONNRESET", false],
    [undefined, false],
  ])("is %s (%#): %s", (error, isOne) => {
    expect(isOutage(error)).toBe(isOne);
  });
});
