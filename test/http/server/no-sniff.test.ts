import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { composeApp } from "../../../lib/http/compose.ts";
import { requestedHost } from "../../../lib/http/public-host.ts";
import { createNodeServer } from "../../../lib/http/server/node.ts";
import { listen } from "../../../local-cloud/support/listen.ts";
import { clocksOf, createMemoryRegistry } from "../../support/memory.ts";

let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  const { registry, clock } = createMemoryRegistry();
  const app = composeApp({
    ...{ registry, monotonicNow: clocksOf(clock).monotonicNow },
    ...{ hostOf: requestedHost("http"), audienceOf: () => undefined, tokenLifetime: 300 },
    ...{ log: () => undefined, logsRequests: false, openUntilConfigured: true, stsEndpoint: undefined },
    middleware: { servesHealth: true },
  });
  ({ url, stop } = await listen(createNodeServer(app)));
});
afterAll(() => stop());

/** Returns everything that the server sends for the bytes, in lower case. */
async function receivedFor(bytes: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  await once(socket, "connect");
  socket.end(bytes);
  return (await text(socket)).toLowerCase();
}

describe("every response has X-Content-Type-Options: nosniff:", () => {
  it.each([
    ["the base", 200, "GET /v2/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["the health check", 200, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a manifest that does not exist", 404, "GET /v2/a/manifests/b HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["an unknown endpoint", 404, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["the token endpoint", 404, "GET /token HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a method that is not allowed", 405, "PUT /v2/ HTTP/1.1\r\nHost: a\r\n\r\n"],
    ["a missing host", 400, "GET /v2/ HTTP/1.1\r\n\r\n"],
    ["an unknown expectation", 417, "GET /v2/ HTTP/1.1\r\nHost: a\r\nExpect: more\r\n\r\n"],
    ["malformed input", 400, "malformed\r\n\r\n"],
    ["headers that are too large", 431, `GET / HTTP/1.1\r\nHost: a\r\nx: ${"y".repeat(20_000)}\r\n\r\n`],
  ])("%s (%d)", async (_, status, bytes) => {
    const received = await receivedFor(bytes);
    expect(received).toContain(`http/1.1 ${status} `);
    expect(received).toContain("\r\nx-content-type-options: nosniff\r\n");
  });
});
