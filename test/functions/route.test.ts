import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";

/** The file as it is deployed. CloudFront has its own modules, which an import in a script cannot name. */
const FILE = join(import.meta.dirname, "../../functions/edge/route.js");
const CODE = readFileSync(FILE, "utf8");
const IMPORT = 'import cf from "cloudfront";\n';

interface Viewer {
  readonly method: string;
  readonly uri: string;
  readonly querystring?: Readonly<Record<string, { readonly value: string }>>;
}

function route({ querystring = {}, ...viewer }: Viewer) {
  let origin = "";
  const cf = { selectRequestOriginById: (id: string) => (origin = id) };
  const request = { ...viewer, querystring, headers: { host: { value: "registry.example.com" } } };
  const code = `${CODE.replace(IMPORT, "")};handler(event)`;
  return {
    request: runInNewContext(code, { cf, event: { request } }, { timeout: 1000 }),
    origin: () => origin,
  };
}

const SESSION = "/v2/acme/app/blobs/uploads/0198a";
const BLOBS = "/v2/acme/app/blobs/uploads/";
const DIGEST = { digest: { value: "sha256:00" } };

it("is small enough for CloudFront", () => {
  expect(Buffer.byteLength(CODE)).toBeLessThan(10_240);
  expect(CODE.startsWith(IMPORT)).toBe(true);
});

describe("goes to the function that streams:", () => {
  it.each<Viewer>([
    { method: "PATCH", uri: SESSION },
    { method: "PUT", uri: SESSION, querystring: DIGEST },
    { method: "POST", uri: BLOBS, querystring: DIGEST },
    { method: "HEAD", uri: "/v2/acme/app/manifests/latest" },
    { method: "HEAD", uri: "/v2/acme/app/blobs/sha256:00" },
  ])("$method $uri", (viewer) => {
    expect(route(viewer).origin()).toBe("stream");
  });
});

describe("goes to API Gateway:", () => {
  it.each<Viewer>([
    { method: "GET", uri: "/v2/" },
    { method: "GET", uri: "/v2/acme/app/blobs/sha256:00" },
    { method: "GET", uri: SESSION },
    { method: "DELETE", uri: SESSION },
    { method: "POST", uri: BLOBS },
    {
      method: "POST",
      uri: BLOBS,
      querystring: { mount: { value: "sha256:00" }, from: { value: "acme/base" } },
    },
    { method: "PUT", uri: "/v2/acme/app/manifests/latest" },
    { method: "PUT", uri: "/v2/acme/blobs/manifests/uploads" },
    { method: "DELETE", uri: "/v2/acme/app/manifests/latest" },
    { method: "OPTIONS", uri: "/" },
  ])("$method $uri", (viewer) => {
    expect(route(viewer).origin()).toBe("api");
  });
});

it("tells the host that was asked for, whatever the client says of it", () => {
  const { request } = route({ method: "GET", uri: "/v2/" });
  expect(request.headers["x-dockless-host"]).toEqual({ value: "registry.example.com" });
});
