import { describe, expect, it } from "vitest";
import { type App, emptyResponse, type HttpRequest } from "../../../lib/http/message.ts";
import type { LogLine } from "../../../lib/http/middleware/log.ts";
import { NO_SNIFF_HEADERS } from "../../../lib/http/middleware/no-sniff.ts";
import { type Middleware, withMiddleware } from "../../../lib/http/middleware/order.ts";
import type { Body } from "../../../lib/ports/body.ts";
import { ORIGIN_SECRET_HEADER } from "../../../lib/ports/headers.ts";

const SECRET = { [ORIGIN_SECRET_HEADER]: "secret" };

/** Wraps an application in all middleware. By default, the application rejects every request. */
function wrapped(app: App = async () => emptyResponse(401)) {
  const lines: LogLine[] = [];
  const tokens: Middleware = (inner) => async (request) =>
    request.path === "/token" ? emptyResponse(200) : await inner(request);
  const wrappedApp = withMiddleware(app, {
    ...{ tokens, logsRequests: true, log: (line) => lines.push(line), now: () => new Date() },
    ...{ readsWholeBodyFirst: true, servesHealth: true, originSecret: { secrets: ["secret"] } },
  });
  const send = async (request: Partial<HttpRequest>) =>
    await wrappedApp({
      method: "GET",
      path: "/v2/",
      query: "",
      headers: SECRET,
      body: undefined,
      ...request,
    });
  return { lines, send };
}

async function* counted(read: () => void): Body {
  for (const byte of [1, 2, 3]) {
    read();
    yield Uint8Array.of(byte);
  }
}

describe("the middleware chain", () => {
  it("responds to health checks without calling the application and without a log line", async () => {
    const { lines, send } = wrapped();
    expect((await send({ path: "/healthz", headers: {} })).status).toBe(200);
    expect(lines).toEqual([]);
  });

  it("serves the token endpoint without calling the application, and logs the request", async () => {
    const { lines, send } = wrapped();
    expect((await send({ path: "/token" })).status).toBe(200);
    expect(lines).toMatchObject([{ path: "/token", status: 200 }]);
  });

  it("logs a request that the application rejects", async () => {
    const { lines, send } = wrapped();
    expect((await send({})).status).toBe(401);
    expect(lines).toMatchObject([{ path: "/v2/", status: 401 }]);
  });

  it.each(["/healthz", "/token", "/v2/"])(
    "reads the whole body of a request to %s, which ignores it",
    async (path) => {
      let chunks = 0;
      await wrapped().send({ path, body: counted(() => chunks++) });
      expect(chunks).toBe(3);
    },
  );

  it("reads the whole body of a request without the origin secret, then rejects and logs it", async () => {
    let chunks = 0;
    const { lines, send } = wrapped();
    expect((await send({ path: "/token", headers: {}, body: counted(() => chunks++) })).status).toBe(403);
    expect(chunks).toBe(3);
    expect(lines).toMatchObject([{ path: "/token", status: 403 }]);
  });
});

it("the middleware has no health checks, origin secret or log by default", async () => {
  const tokens: Middleware = (inner) => inner;
  const log = (line: LogLine) => expect.fail(JSON.stringify(line));
  const app = withMiddleware(async () => emptyResponse(202), {
    tokens,
    log,
    logsRequests: false,
    now: () => new Date(),
  });
  const request = { method: "GET", path: "/healthz", query: "", headers: {}, body: undefined };
  expect(await app(request)).toEqual(emptyResponse(202, NO_SNIFF_HEADERS));
});
