import { describe, expect, it } from "vitest";
import type { HttpRequest } from "../../../lib/http/message.ts";
import { fixedHost, frontHost, requestedHost } from "../../../lib/http/public-host.ts";

function requestWith(headers: HttpRequest["headers"]): HttpRequest {
  return { method: "GET", path: "/v2/", query: "", headers, body: undefined };
}

describe("the public host", () => {
  it.each([
    ["127.0.0.1:5000", "127.0.0.1:5000"],
    ["Registry.Example.COM", "registry.example.com"],
    ["[::1]:5000", "[::1]:5000"],
    ["localhost", "localhost"],
    ["docker_registry", "docker_registry"],
    ["_registry_:5000", "_registry_:5000"],
    ["registry.example.com.", "registry.example.com."],
    ["registry.example.com.:5000", "registry.example.com.:5000"],
    ["registry.example.com:80", "registry.example.com"],
  ])("is the Host of the request: %s", (host, expected) => {
    expect(requestedHost("http")(requestWith({ host }))).toEqual({
      host: expected,
      origin: `http://${expected}`,
    });
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
    ".a",
    ".",
    "a-",
    "ä",
    "a\r\nb",
    "x".repeat(300),
  ])("is undefined for a Host that could inject text into a header: %j", (host) => {
    expect(requestedHost("https")(requestWith({ host }))).toBeUndefined();
  });

  it("is the configured host, regardless of the Host header", () => {
    const hostOf = fixedHost(new URL("https://registry.example.com:8443"));
    expect(hostOf(requestWith({ host: "other" }))).toEqual({
      ...{ host: "registry.example.com:8443", origin: "https://registry.example.com:8443" },
    });
  });

  it("is taken from the edge, otherwise from API Gateway, otherwise from the Host header", () => {
    const headers = { host: "c.example", "x-dockless-registry": "b.example", "x-dockless-host": "a.example" };
    expect(frontHost(requestWith(headers))?.origin).toBe("https://a.example");
    expect(frontHost(requestWith({ ...headers, "x-dockless-host": undefined }))?.host).toBe("b.example");
    expect(frontHost(requestWith({ host: "c.example" }))?.host).toBe("c.example");
  });
});
