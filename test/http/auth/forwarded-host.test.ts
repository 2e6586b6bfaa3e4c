import { expect, it, vi } from "vitest";
import { createPeerCheck } from "../../../lib/cli/serve/trusted-peers.ts";
import { forwardedHost } from "../../../lib/http/forwarded-host.ts";
import type { HttpRequest } from "../../../lib/http/message.ts";

const LOOPBACK = "127.0.0.1";
const FORWARDED = { "x-forwarded-proto": "https", "x-forwarded-host": "registry.example.com" };

function requestWith(headers: HttpRequest["headers"], client: string | undefined = LOOPBACK): HttpRequest {
  return { method: "GET", path: "/v2/", query: "", headers, body: undefined, client };
}

function resolverFor(peers: readonly string[] = ["loopback"]) {
  const onIgnored = vi.fn();
  return { hostOf: forwardedHost({ isTrusted: createPeerCheck(peers), onIgnored }), onIgnored };
}

it.each<[string, HttpRequest["headers"], string]>([
  ["both from the headers", FORWARDED, "https://registry.example.com"],
  ["the scheme, and the host of the request", { "x-forwarded-proto": "HTTPS" }, "https://docker_registry"],
  ["the host, over plain HTTP", { "x-forwarded-host": "a.example:5000" }, "http://a.example:5000"],
  ["the default port left out", { ...FORWARDED, "x-forwarded-host": "a.example:443" }, "https://a.example"],
  [
    "the last value of each list, which the trusted proxy appended",
    { "x-forwarded-proto": "http, https", "x-forwarded-host": "evil.example ,a.example" },
    "https://a.example",
  ],
  ["neither, when there are no such headers", {}, "http://docker_registry"],
])("a trusted proxy gives the public URL: %s", (_, headers, origin) => {
  const { hostOf, onIgnored } = resolverFor();
  expect(hostOf(requestWith({ host: "docker_registry", ...headers }))?.origin).toBe(origin);
  expect(onIgnored).not.toHaveBeenCalled();
});

it.each<HttpRequest["headers"]>([
  { "x-forwarded-proto": "wss" },
  { "x-forwarded-proto": "" },
  { "x-forwarded-proto": "https," },
  { "x-forwarded-host": "" },
  { "x-forwarded-host": 'a"b' },
  { "x-forwarded-host": "a.example/path" },
])("a malformed header of a trusted proxy gives no URL: %j", (headers) => {
  expect(resolverFor().hostOf(requestWith({ host: "a.example", ...headers }))).toBeUndefined();
});

it("ignores forwarding headers of an untrusted peer, and reports them once", () => {
  const { hostOf, onIgnored } = resolverFor();
  const request = requestWith({ host: "a.example", ...FORWARDED }, "10.0.0.7");
  expect(hostOf(request)?.origin).toBe("http://a.example");
  expect(hostOf(request)?.origin).toBe("http://a.example");
  expect(onIgnored.mock.calls).toEqual([["10.0.0.7"]]);
});

it.each<[readonly string[], readonly string[], readonly (string | undefined)[]]>([
  [["loopback"], ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"], ["10.0.0.7", "::2", "", undefined]],
  [["none"], [], ["127.0.0.1", "::1"]],
  [
    ["10.0.0.7", "fd00::1"],
    ["10.0.0.7", "::ffff:10.0.0.7", "fd00::1"],
    ["10.0.0.8", "127.0.0.1"],
  ],
  [
    ["172.16.0.0/12", "fd00::/8"],
    ["172.31.0.1", "fdff::2"],
    ["172.32.0.1", "fe00::1"],
  ],
])("trusts of the list %j only the peers %j", (peers, trusted, others) => {
  const isTrusted = createPeerCheck(peers);
  expect(trusted.filter((peer) => !isTrusted(peer))).toEqual([]);
  expect(others.filter(isTrusted)).toEqual([]);
});
