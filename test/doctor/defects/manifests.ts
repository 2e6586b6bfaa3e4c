import { gzipSync } from "node:zlib";
import type { ProxyDefect, ProxyRequest, ProxyResponse } from "../proxy.ts";
import {
  createResponse,
  type DefectCase,
  isManifest,
  modifyResponses,
  withHeaders,
  withoutHeader,
} from "./defect.ts";

/** Proxies with defects in manifests, tags and referrers. */
export const MANIFEST_DEFECTS: readonly DefectCase[] = [
  {
    what: "a HEAD whose Content-Length is remapped",
    spoil: modifyResponses(
      (request) => request.method === "HEAD" && isManifest(request),
      (response) =>
        withHeaders(response, {
          "content-length": "0",
          "x-amzn-remapped-content-length": response.headers["content-length"],
        }),
    ),
    fails: ["head-manifest"],
    says: /x-amzn-remapped-content-length: \d+[\s\S]*API Gateway.*renames Content-Length/,
  },
  {
    what: "manifests in gzip for clients that accept it",
    spoil: modifyResponses(
      (request) => isManifest(request) && String(request.headers["accept-encoding"]).includes("gzip"),
      ({ status, headers, body }) => ({
        status,
        headers: { ...headers, "content-encoding": "gzip", "content-length": undefined },
        body: gzipSync(body),
      }),
    ),
    fails: ["compression"],
    says: /Content-Encoding: gzip[\s\S]*compress: false/,
  },
  {
    what: "manifests in base64",
    spoil: modifyResponses(
      (request) => request.method === "GET" && /manifests\/doctor$/.test(request.path),
      (response) => ({
        ...withHeaders(response, { "content-length": undefined }),
        body: Buffer.from(response.body.toString("base64")),
      }),
    ),
    fails: ["pull-manifest"],
    says: /pushed bytes base64-encoded[\s\S]*not marked as base64/,
  },
  {
    what: "Docker-Content-Digest dropped from pushes of manifests",
    spoil: modifyResponses(
      (request) => request.method === "PUT" && isManifest(request),
      withoutHeader("docker-content-digest"),
    ),
    fails: ["push-manifest"],
    says: /no Docker-Content-Digest/,
  },
  {
    what: "OCI-Subject dropped",
    spoil: modifyResponses(isManifest, withoutHeader("oci-subject")),
    fails: ["referrers"],
    says: /no OCI-Subject[\s\S]*OCI-\* headers/,
  },
  {
    what: "a cache of 404 responses",
    spoil: cachingNotFound(),
    fails: ["missing-tag"],
    says: /404 is returned for a pushed tag[\s\S]*actual: +404[\s\S]*CloudFront[\s\S]*TTL/,
  },
  {
    what: "a stale tag list",
    spoil: modifyResponses(
      ({ path }) => path.endsWith("/tags/list"),
      (response) => ({
        ...withHeaders(response, { "content-length": undefined }),
        body: Buffer.from('{"tags":["doctor"]}'),
      }),
    ),
    fails: ["tags"],
    says: /CachingDisabled/,
  },
  {
    what: "tag pages without Link",
    spoil: modifyResponses(({ path }) => path.includes("/tags/list"), withoutHeader("link")),
    fails: ["tags"],
    says: /Link: none/,
  },
  {
    what: "502 for a large manifest",
    spoil: {
      respond: (request) =>
        isManifest(request) && request.body.length > 3_000_000 ? createResponse(502, "") : undefined,
    },
    fails: ["large-manifest"],
    says: /function's log/,
  },
];

/** Caches 404 responses to GET and HEAD, regardless of Cache-Control, as CloudFront does; without expiry. */
function cachingNotFound(): ProxyDefect {
  const cached = new Map<string, ProxyResponse>();
  const key = ({ method, path }: ProxyRequest) => `${method} ${path}`;
  return {
    respond: (request) => cached.get(key(request)),
    modifyResponse: (request, response) => {
      const isCached = response.status === 404 && ["GET", "HEAD"].includes(request.method);
      if (isCached) cached.set(key(request), response);
      return response;
    },
  };
}
