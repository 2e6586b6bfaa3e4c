import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../../lib/http/message.ts";
import { askedHost, fixedHost, frontHost } from "../../../lib/http/public-host.ts";

function asking(headers: HttpRequest["headers"]): HttpRequest {
  return { method: "GET", path: "/v2/", query: "", headers, body: undefined };
}

describe("the host that tokens are for", () => {
  it.each([
    ["127.0.0.1:5000", "127.0.0.1:5000"],
    ["Registry.Example.COM", "registry.example.com"],
    ["[::1]:5000", "[::1]:5000"],
    ["localhost", "localhost"],
  ])("is the one that was asked for: %s", (host, expected) => {
    expect(askedHost("http")(asking({ host }))).toEqual({ host: expected, origin: `http://${expected}` });
  });

  it.each([
    "",
    "a b",
    'a"b',
    "a,b",
    "a/b",
    "a@b",
    "a:b",
    "a:123456",
    "-a",
    "a-",
    "ä",
    "a\r\nb",
    "x".repeat(300),
  ])("is none that could say something else in a header: %j", (host) => {
    expect(askedHost("https")(asking({ host }))).toBeUndefined();
  });

  it("is the configured one, whatever was asked for", () => {
    const hostOf = fixedHost(new URL("https://registry.example.com:8443"));
    expect(hostOf(asking({ host: "other" }))).toEqual({
      ...{ host: "registry.example.com:8443", origin: "https://registry.example.com:8443" },
    });
  });

  it("is, behind the edge, the one that it says, then that of API Gateway", () => {
    const headers = { host: "c.example", "x-dockless-registry": "b.example", "x-dockless-host": "a.example" };
    expect(frontHost(asking(headers))?.origin).toBe("https://a.example");
    expect(frontHost(asking({ ...headers, "x-dockless-host": undefined }))?.host).toBe("b.example");
    expect(frontHost(asking({ host: "c.example" }))?.host).toBe("c.example");
  });
});
