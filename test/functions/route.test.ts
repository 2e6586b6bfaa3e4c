import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EDGE_CLIENT_HEADER, EDGE_HOST_HEADER } from "../../lib/ports/headers.ts";

/** The deployed file without its import of CloudFront's module, which does not exist here. */
const FILE = join(import.meta.dirname, "../../functions/edge/route.js");
const CODE = readFileSync(FILE, "utf8");
const IMPORT = 'import cf from "cloudfront";\n';

interface Viewer {
  readonly method: string;
  readonly uri: string;
  readonly querystring?: Readonly<Record<string, { readonly value: string }>>;
  readonly authorization?: string;
}

interface EdgeRequest extends Omit<Viewer, "authorization"> {
  readonly headers: Readonly<Record<string, { readonly value: string }>>;
}

let selected = "";
const cf = {
  selectRequestOriginById: (id: string) => {
    selected = id;
  },
};
const handler: (event: {
  readonly request: EdgeRequest;
  readonly viewer: { readonly ip: string };
}) => EdgeRequest = runInNewContext(`${CODE.replace(IMPORT, "")};handler`, { cf, Buffer });

function route({ querystring = {}, authorization, ...viewer }: Viewer) {
  const host = { value: "registry.example.com" };
  const headers = authorization === undefined ? { host } : { host, authorization: { value: authorization } };
  selected = "";
  const request = handler({ request: { ...viewer, querystring, headers }, viewer: { ip: "2001:db8::7" } });
  const origin = selected;
  return { request, origin: () => origin };
}

function bearer(claims: object): string {
  return `Bearer header.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.signature`;
}

const NAME = "acme/app";
const SESSION = `/v2/${NAME}/blobs/uploads/0198a`;
const BLOBS = `/v2/${NAME}/blobs/uploads/`;
const MANIFEST = `/v2/${NAME}/manifests/latest`;
const BLOB = `/v2/${NAME}/blobs/sha256:00`;
const DIGEST = { digest: { value: "sha256:00" } };

const LATER = Date.now() / 1000 + 60;
const all = { type: "repository", name: NAME, actions: ["pull", "push", "delete"] };
const BASE = { type: "repository", name: "acme/base", actions: ["pull"] };
const SUFFICIENT_TOKEN = bearer({ exp: LATER, access: [all, BASE], catalog: [] });

it("the function is small enough for CloudFront", () => {
  expect(Buffer.byteLength(CODE)).toBeLessThan(10_240);
  expect(CODE.startsWith(IMPORT)).toBe(true);
});

describe("sends to the stream function, with any credentials:", () => {
  it.each<Viewer>([
    { method: "PATCH", uri: SESSION },
    { method: "PUT", uri: SESSION, querystring: DIGEST },
    { method: "POST", uri: BLOBS, querystring: DIGEST },
    { method: "HEAD", uri: MANIFEST },
    { method: "HEAD", uri: BLOB },
  ])("$method $uri", (viewer) => {
    expect(route({ ...viewer, authorization: SUFFICIENT_TOKEN }).origin()).toBe("stream");
    expect(route(viewer).origin()).toBe("stream");
  });
});

const SMALL: readonly Viewer[] = [
  { method: "GET", uri: "/v2/" },
  { method: "GET", uri: "/v2/_catalog" },
  { method: "GET", uri: BLOB },
  { method: "GET", uri: MANIFEST },
  { method: "GET", uri: `/v2/${NAME}/tags/list` },
  { method: "POST", uri: BLOBS },
  {
    method: "POST",
    uri: BLOBS,
    querystring: { mount: { value: "sha256:00" }, from: { value: "acme%2Fbase" } },
  },
  { method: "POST", uri: BLOBS, querystring: { mount: { value: "sha256:00" } } },
  { method: "PUT", uri: MANIFEST },
  { method: "PUT", uri: "/v2/acme/app/blobs/manifests/uploads" },
  { method: "DELETE", uri: MANIFEST },
  { method: "DELETE", uri: SESSION },
];

describe("sends to API Gateway, with a sufficient token:", () => {
  it.each(SMALL.filter(({ uri }) => !uri.includes("blobs/manifests")))("$method $uri", (viewer) => {
    expect(route({ ...viewer, authorization: SUFFICIENT_TOKEN }).origin()).toBe("api");
  });
});

describe("sends a request that will be challenged to the stream function:", () => {
  it.each<[string, string | undefined]>([
    ["without credentials", undefined],
    ["with Basic credentials", "Basic YTpi"],
    ["with an expired token", bearer({ exp: LATER - 120, access: [all] })],
    ["with a token that is about to expire", bearer({ exp: LATER - 57, access: [all] })],
    ["with a token for another repository", bearer({ exp: LATER, access: [{ ...all, name: "acme/other" }] })],
    ["with a token for fewer actions", bearer({ exp: LATER, access: [{ ...all, actions: [] }] })],
    ["with a token without access", bearer({ exp: LATER })],
    ["with a token without claims", "Bearer header.e30.signature"],
    ["with a token that is not JSON", "Bearer header.!!.signature"],
    ["with an empty token", "Bearer "],
  ])("%s", (_, authorization) => {
    const viewer = { method: "GET", uri: MANIFEST };
    expect(route(authorization === undefined ? viewer : { ...viewer, authorization }).origin()).toBe(
      "stream",
    );
  });
});

describe("sends to the stream function, with a token for another action:", () => {
  const few = bearer({ exp: LATER, access: [all] });
  it.each<Viewer>([
    { method: "GET", uri: "/v2/_catalog" },
    {
      ...{ method: "POST", uri: BLOBS },
      querystring: { mount: { value: "sha256:00" }, from: { value: "acme/base" } },
    },
    {
      ...{ method: "POST", uri: BLOBS },
      querystring: { mount: { value: "sha256:00" }, from: { value: "%" } },
    },
  ])("$method $uri", (viewer) => {
    expect(route({ ...viewer, authorization: few }).origin()).toBe("stream");
  });
});

it.each(["GET", "POST"])("sends a token request to API Gateway: %s", (method) => {
  expect(route({ method, uri: "/token", authorization: "Basic YTpi" }).origin()).toBe("api");
});

it("forwards the requested host, and overwrites a value from the client", () => {
  const { request } = route({ method: "GET", uri: "/v2/" });
  expect(request.headers[EDGE_HOST_HEADER]).toEqual({ value: "registry.example.com" });
});

it("forwards the address of the client", () => {
  const { request } = route({ method: "GET", uri: "/v2/" });
  expect(request.headers[EDGE_CLIENT_HEADER]).toEqual({ value: "2001:db8::7" });
});

describe("an unverified token", () => {
  const entry = fc.oneof(
    fc.jsonValue(),
    fc.record({ name: fc.constantFrom(NAME, "acme/base"), actions: fc.jsonValue() }, { requiredKeys: [] }),
  );
  const claims = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        exp: fc.oneof(fc.constant(LATER), fc.constant({ toString: null }), fc.jsonValue()),
        access: fc.oneof(fc.array(entry), fc.jsonValue()),
        catalog: fc.jsonValue(),
      },
      { requiredKeys: [] },
    ),
  );
  const viewer = fc.record({
    method: fc.constantFrom("GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS"),
    uri: fc.oneof(
      fc.constantFrom(MANIFEST, BLOB, BLOBS, SESSION, "/v2/", "/v2/_catalog", "/token", "/"),
      fc.string(),
    ),
    querystring: fc.dictionary(
      fc.constantFrom("mount", "from", "digest", "__proto__"),
      fc.record({ value: fc.oneof(fc.string(), fc.constantFrom("acme/base", "acme%2Fbase", "%")) }),
    ),
    authorization: fc.oneof(
      claims.map((value) => `Bearer h.${Buffer.from(JSON.stringify(value)).toString("base64url")}.s`),
      fc.string(),
    ),
  });

  it("never makes the function fail, and always selects an origin", () => {
    fc.assert(
      fc.property(viewer, (request) => {
        expect(["api", "stream"]).toContain(route(request).origin());
      }),
      { numRuns: 2000 },
    );
  });

  it.each([[[null]], [[{ name: NAME }]], [[{ name: NAME, actions: null }]], [["x"]]])(
    "with the access %j is routed to the stream function",
    (access) => {
      const authorization = bearer({ exp: LATER, access });
      expect(route({ method: "GET", uri: MANIFEST, authorization }).origin()).toBe("stream");
    },
  );

  it("that is null is routed to the stream function", () => {
    expect(route({ method: "GET", uri: MANIFEST, authorization: "Bearer h.bnVsbA.s" }).origin()).toBe(
      "stream",
    );
  });
});
