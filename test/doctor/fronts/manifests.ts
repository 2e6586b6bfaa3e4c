import { gzipSync } from "node:zlib";
import type { Answered, Asked, Spoil } from "../spoiled.ts";
import { answerOf, answers, isManifest, type Spoiled, withHeaders, without } from "./spoil.ts";

/** Proxies with defects in manifests, tags and referrers. */
export const MANIFEST_FRONTS: readonly Spoiled[] = [
  {
    what: "a HEAD whose Content-Length is remapped",
    spoil: answers(
      (asked) => asked.method === "HEAD" && isManifest(asked),
      (answered) =>
        withHeaders(answered, {
          "content-length": "0",
          "x-amzn-remapped-content-length": answered.headers["content-length"],
        }),
    ),
    fails: ["head-manifest"],
    says: /x-amzn-remapped-content-length: \d+[\s\S]*API Gateway.*renames Content-Length/,
  },
  {
    what: "manifests in gzip for clients that accept it",
    spoil: answers(
      (asked) => isManifest(asked) && String(asked.headers["accept-encoding"]).includes("gzip"),
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
    spoil: answers(
      (asked) => asked.method === "GET" && /manifests\/doctor$/.test(asked.path),
      (answered) => ({
        ...withHeaders(answered, { "content-length": undefined }),
        body: Buffer.from(answered.body.toString("base64")),
      }),
    ),
    fails: ["pull-manifest"],
    says: /pushed bytes in base64[\s\S]*not marked as base64/,
  },
  {
    what: "Docker-Content-Digest dropped from pushes of manifests",
    spoil: answers((asked) => asked.method === "PUT" && isManifest(asked), without("docker-content-digest")),
    fails: ["push-manifest"],
    says: /no Docker-Content-Digest/,
  },
  {
    what: "OCI-Subject dropped",
    spoil: answers(isManifest, without("oci-subject")),
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
    spoil: answers(
      ({ path }) => path.endsWith("/tags/list"),
      (answered) => ({
        ...withHeaders(answered, { "content-length": undefined }),
        body: Buffer.from('{"tags":["doctor"]}'),
      }),
    ),
    fails: ["tags"],
    says: /CachingDisabled/,
  },
  {
    what: "tag pages without Link",
    spoil: answers(({ path }) => path.includes("/tags/list"), without("link")),
    fails: ["tags"],
    says: /Link: none/,
  },
  {
    what: "502 for a large manifest",
    spoil: {
      instead: (asked) =>
        isManifest(asked) && asked.body.length > 3_000_000 ? answerOf(502, "") : undefined,
    },
    fails: ["large-manifest"],
    says: /function's log/,
  },
];

/** Caches 404 responses to GET and HEAD, regardless of Cache-Control, as CloudFront does; without expiry. */
function cachingNotFound(): Spoil {
  const cached = new Map<string, Answered>();
  const key = ({ method, path }: Asked) => `${method} ${path}`;
  return {
    instead: (asked) => cached.get(key(asked)),
    answer: (asked, answered) => {
      const isCached = answered.status === 404 && ["GET", "HEAD"].includes(asked.method);
      if (isCached) cached.set(key(asked), answered);
      return answered;
    },
  };
}
