import { expect, it } from "vitest";
import { emptyResponse } from "../../../lib/http/message.ts";
import { withForwardedClient } from "../../../lib/http/middleware/forwarded-client.ts";

it.each([
  ["192.0.2.1, 203.0.113.7", "203.0.113.7"],
  ["2001:db8::7", "2001:db8::7"],
  ["203.0.113.7, unknown", "127.0.0.1"],
  [undefined, "127.0.0.1"],
])(
  "with X-Forwarded-For %j the client is %s: the runtime appends the last address only",
  async (forwarded, expected) => {
    let client: string | undefined;
    const app = withForwardedClient(async (request) => {
      client = request.client;
      return emptyResponse(200);
    });
    const headers = { "x-forwarded-for": forwarded };
    await app({ method: "GET", path: "/v2/", query: "", headers, body: undefined, client: "127.0.0.1" });
    expect(client).toBe(expected);
  },
);
