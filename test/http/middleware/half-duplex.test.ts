import { expect, it } from "vitest";
import type { App, HttpRequest } from "../../../lib/http/message.ts";
import { withWholeBodyFirst } from "../../../lib/http/middleware/half-duplex.ts";
import { type Body, collect } from "../../../lib/ports/body.ts";

const RESPONSE = { status: 400, headers: {} };

function request(body: Body | undefined): HttpRequest {
  return { method: "PATCH", path: "/v2/a/blobs/uploads/1", query: "", headers: {}, body };
}

/** Creates a body of three chunks that records its events. */
function observed(end: () => void = () => undefined) {
  const events: string[] = [];
  async function* chunks(): Body {
    try {
      for (const chunk of ["a", "b", "c"]) {
        events.push(chunk);
        yield Buffer.from(chunk);
      }
      end();
      events.push("end");
    } finally {
      events.push("freed");
    }
  }
  return { events, body: chunks() };
}

const APPS: Readonly<Record<string, App>> = {
  "reads nothing": async () => RESPONSE,
  "stops after a chunk": async ({ body }) => {
    for await (const _ of body ?? []) break;
    return RESPONSE;
  },
  "reads everything": async ({ body }) => {
    if (body !== undefined) await collect(body);
    return RESPONSE;
  },
};

it.each(Object.entries(APPS))(
  "responds only after the whole body when the application %s",
  async (_, app) => {
    const { events, body } = observed();
    expect(await withWholeBodyFirst(app)(request(body))).toEqual(RESPONSE);
    expect(events).toEqual(["a", "b", "c", "end", "freed"]);
  },
);

it.each(Object.entries(APPS).slice(0, 2))(
  "responds after the client has disconnected when the application %s",
  async (_, app) => {
    const { events, body } = observed(() => {
      throw new Error("gone");
    });
    expect(await withWholeBodyFirst(app)(request(body))).toEqual(RESPONSE);
    expect(events.at(-1)).toBe("freed");
  },
);

it("responds to a request without a body", async () => {
  expect(await withWholeBodyFirst(async () => RESPONSE)(request(undefined))).toEqual(RESPONSE);
});

it("stops reading the body after the timeout", async () => {
  const { events, body } = observed();
  expect(await withWholeBodyFirst(async () => RESPONSE, 0)(request(body))).toEqual(RESPONSE);
  expect(events).toEqual([]);
});
