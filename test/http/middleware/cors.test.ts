import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../../lib/http/message.ts";
import { withCors } from "../../../lib/http/middleware/cors.ts";

const UI = "https://ui.example";
const PREFLIGHT = {
  "access-control-request-method": "PUT",
  "access-control-request-headers": "authorization",
};

/** Sends a request to an application that rejects every request. */
async function send(origins: readonly string[], headers: HttpRequest["headers"], method = "GET") {
  const app = withCors(async () => ({ status: 401, headers: { etag: '"a"' } }), new Set(origins));
  return await app({ method, path: "/v2/", query: "", headers, body: undefined });
}

describe("CORS", () => {
  it("responds to a preflight request of an allowed origin without calling the application", async () => {
    const { status, headers, body } = await send([UI], { origin: UI, ...PREFLIGHT }, "OPTIONS");
    expect([status, body]).toEqual([204, undefined]);
    expect(headers).toMatchObject({
      "access-control-allow-origin": UI,
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": expect.stringContaining("Authorization"),
      "access-control-max-age": "600",
      vary: "Origin",
    });
  });

  it("exposes the headers of error responses to an allowed origin", async () => {
    const { status, headers } = await send(["https://other.example", UI], { origin: UI });
    expect([status, headers["etag"], headers["access-control-allow-origin"]]).toEqual([401, '"a"', UI]);
    const exposed = headers["access-control-expose-headers"]?.split(", ");
    for (const name of [
      "Docker-Content-Digest",
      "Docker-Upload-UUID",
      "Link",
      "Location",
      "OCI-Subject",
      "Range",
    ])
      expect(exposed).toContain(name);
    expect(exposed).toContain("WWW-Authenticate");
  });

  it.each([
    "https://ui.example.evil.example",
    "http://ui.example",
    "https://ui.example:8443",
    "HTTPS://UI.EXAMPLE",
    "null",
    "*",
    "",
  ])("does not allow the origin %j, with or without a preflight request", async (origin) => {
    expect(await send([UI], { origin, ...PREFLIGHT }, "OPTIONS")).toEqual({
      status: 401,
      headers: { etag: '"a"', vary: "Origin" },
    });
    expect((await send([UI], { origin })).headers).toEqual({ etag: '"a"', vary: "Origin" });
  });

  it("allows no browser credentials when all origins are allowed", async () => {
    for (const origin of [UI, "null", "*"]) {
      const { headers } = await send(["*"], { origin });
      expect(headers["access-control-allow-origin"]).toBe("*");
      expect(headers).not.toHaveProperty("access-control-allow-credentials");
      expect(headers).not.toHaveProperty("vary");
    }
  });

  it("allows browser credentials only to origins listed by name, even when all origins are allowed", async () => {
    const { headers } = await send(["*", UI], { origin: UI });
    expect(headers).toMatchObject({ "access-control-allow-origin": UI, vary: "Origin" });
    const others = (await send(["*", UI], { origin: "https://a.example" })).headers;
    expect(others).toMatchObject({ "access-control-allow-origin": "*", vary: "Origin" });
    expect(others).not.toHaveProperty("access-control-allow-credentials");
  });

  it("passes on requests without an Origin, and OPTIONS requests that are not preflight requests", async () => {
    expect(await send([UI], PREFLIGHT, "OPTIONS")).toMatchObject({ status: 401 });
    expect(await send([UI], { origin: UI }, "OPTIONS")).toMatchObject({ status: 401 });
    expect(await send([UI], {})).toEqual({ status: 401, headers: { etag: '"a"', vary: "Origin" } });
  });
});
