import { gzipSync } from "node:zlib";
import type { Answered, Asked, Spoil } from "./spoiled.ts";

const isBlob = ({ path }: Asked) => /\/blobs\/sha256(:|%3a)/i.test(path);
const isUpload = ({ path }: Asked) => path.includes("/blobs/uploads/");
const isManifest = ({ path }: Asked) => path.includes("/manifests/");

export function withHeaders(answered: Answered, headers: Answered["headers"]): Answered {
  return { ...answered, headers: { ...answered.headers, ...headers } };
}

export function answerOf(status: number, text: string, headers: Answered["headers"] = {}): Answered {
  return { status, headers, body: Buffer.from(text) };
}

/** Spoils the answers to some requests. */
function answers(
  when: (asked: Asked) => boolean,
  change: (answered: Answered, self: string, asked: Asked) => Answered,
): Spoil {
  return { answer: (asked, answered, self) => (when(asked) ? change(answered, self, asked) : answered) };
}

function without(name: string): (answered: Answered) => Answered {
  return (answered) => withHeaders(answered, { [name]: undefined });
}

const TOO_LARGE = answerOf(413, '{"message":"Request Entity Too Large"}', { "apigw-requestid": "Abc=" });

export interface Spoiled {
  readonly what: string;
  readonly spoil: Spoil;
  /** The checks that fail by it, and no others. */
  readonly fails: readonly string[];
  /** What is said to it. */
  readonly says: RegExp;
  /** Bytes of the large bodies. */
  readonly size?: number;
}

/** Each spoils one thing. */
export const SPOILED: readonly Spoiled[] = [
  {
    what: "a HEAD of a blob with Content-Length 0",
    spoil: answers(
      (asked) => asked.method === "HEAD" && isBlob(asked),
      (answered) => withHeaders(answered, { "content-length": "0" }),
    ),
    fails: ["head-blob"],
    says: /came:.*Content-Length: 0[\s\S]*stream function/,
  },
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
    what: "a Location on another host",
    spoil: answers(
      (asked) => asked.method === "POST" && isUpload(asked),
      (answered) =>
        withHeaders(answered, { location: `https://other.example${answered.headers["location"]}` }),
    ),
    fails: ["location"],
    says: /leads to another host[\s\S]*oras/,
  },
  {
    what: "a Location with escapes",
    spoil: answers(
      (asked) => asked.method === "PUT" && isUpload(asked),
      (answered) =>
        withHeaders(answered, { location: String(answered.headers["location"]).replace(":", "%3A") }),
    ),
    fails: ["location"],
    says: /percent escapes/,
  },
  {
    what: "a Range that is dropped",
    spoil: {
      request: ({ headers: { range: _, ...headers }, ...asked }) => ({ ...asked, headers }),
    },
    fails: ["range"],
    says: /Range is ignored[\s\S]*AllViewerExceptHostHeader/,
  },
  {
    what: "other bytes for a Range",
    spoil: answers(
      (asked) => asked.headers.range !== undefined,
      (answered) => ({ ...answered, body: Buffer.alloc(answered.body.length) }),
    ),
    fails: ["range"],
    says: /other bytes/,
  },
  {
    what: "manifests in gzip for those who accept it",
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
    what: "413 for more than 10 MB",
    spoil: { instead: ({ body }) => (body.length > 10_485_760 ? TOO_LARGE : undefined) },
    fails: ["large-put", "large-patch", "large-post"],
    says: /came:.*413.*from API Gateway, request id Abc=[\s\S]*takes bodies of at most 10 MB[\s\S]*RegistryUrl/,
    size: 11_000_000,
  },
  {
    what: "413 for a large POST only",
    spoil: {
      instead: ({ method, body }) => (method === "POST" && body.length > 10_485_760 ? TOO_LARGE : undefined),
    },
    fails: ["large-post"],
    says: /stream function was not reached/,
    size: 11_000_000,
  },
  {
    what: "wrong bytes of a blob",
    spoil: answers(
      (asked) => asked.method === "GET" && isBlob(asked) && asked.headers.range === undefined,
      (answered) => ({ ...answered, body: Buffer.alloc(answered.body.length, 1) }),
    ),
    fails: ["pull"],
    says: /other bytes come back/,
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
    says: /theirs in base64[\s\S]*not marked as base64/,
  },
  {
    what: "Docker-Content-Digest dropped from pushes",
    spoil: answers((asked) => asked.method === "PUT" && isUpload(asked), without("docker-content-digest")),
    fails: ["push-put"],
    says: /no Docker-Content-Digest[\s\S]*containerd before 2\.2/,
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
    what: "Range dropped from the answers to PATCH",
    spoil: answers(
      (asked) => asked.method === "PATCH" && asked.headers["content-range"] === undefined,
      without("range"),
    ),
    fails: ["push-patch"],
    says: /no Range[\s\S]*docker reads/,
  },
  {
    what: "PATCH refused when it is chunked",
    spoil: {
      instead: ({ method, headers, body }) =>
        method === "PATCH" && headers["transfer-encoding"] !== undefined && body.length === 100_000
          ? answerOf(501, "<Error><Code>NotImplemented</Code></Error>")
          : undefined,
    },
    fails: ["push-patch"],
    says: /501/,
  },
  {
    what: "a wrong offset that is not noticed",
    spoil: answers(
      (asked) => asked.method === "PATCH" && isUpload(asked),
      (answered) => (answered.status === 416 ? { ...answered, status: 202 } : answered),
    ),
    fails: ["out-of-order"],
    says: /expected:.*416[\s\S]*came:.*202/,
  },
  {
    what: "a wrong digest that is not noticed",
    spoil: answers(
      (asked) => asked.method === "PUT" && isUpload(asked),
      (answered) => (answered.status === 400 ? { ...answered, status: 201 } : answered),
    ),
    fails: ["wrong-digest"],
    says: /expected:.*400/,
  },
  {
    what: "GET of an upload that says nothing",
    spoil: answers((asked) => asked.method === "GET" && isUpload(asked), without("range")),
    fails: ["resume"],
    says: /no Range/,
  },
  {
    what: "DELETE of an upload that has no effect",
    spoil: {
      instead: (asked) => (asked.method === "DELETE" && isUpload(asked) ? answerOf(204, "") : undefined),
    },
    fails: ["cancel"],
    says: /cancelled upload/,
  },
  {
    what: "417 for Expect",
    spoil: { expectation: 417 },
    fails: ["expect-continue"],
    says: /417[\s\S]*CloudFront in front/,
  },
  {
    what: "escapes that are escaped again",
    spoil: {
      request: (asked) => ({
        ...asked,
        path: asked.path.replace(/(sha256)%(3a)/i, (_, a, b) =>
          isUpload(asked) ? `${a}%${b}` : `${a}%25${b}`,
        ),
      }),
    },
    fails: ["escaped-digest"],
    says: /%253A/,
  },
  {
    what: "hanging up on what would be refused",
    spoil: {
      instead: ({ path }) => (path.includes("no-such-session") ? "hang up" : undefined),
    },
    fails: ["early-refusal"],
    says: /no answer[\s\S]*closed without an answer/,
  },
  {
    what: "502 for huge headers",
    spoil: {
      instead: ({ headers }) => (headers["x-padding"] === undefined ? undefined : answerOf(502, "")),
    },
    fails: ["headers"],
    says: /502/,
  },
  {
    what: "an old list of tags",
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
    what: "pages that lead nowhere",
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
  {
    what: "DELETE refused by a firewall",
    spoil: {
      instead: (asked) =>
        asked.method === "DELETE" && !isUpload(asked) ? answerOf(403, "<html>cloudfront</html>") : undefined,
    },
    fails: ["clean-up"],
    says: /are left[\s\S]*\/v2\/doctor\/\w+\/blobs\/sha256:[\s\S]*curl -X DELETE/,
  },
  {
    what: "DELETE that gets no answer",
    spoil: { instead: (asked) => (asked.method === "DELETE" && isBlob(asked) ? "hang up" : undefined) },
    fails: ["clean-up"],
    says: /came:.*\/blobs\/sha256:\w+ \(no answer: ECONNRESET\)/,
  },
  {
    what: "a clock that is an hour off",
    spoil: answers(
      () => true,
      (answered) => withHeaders(answered, { date: new Date(Date.now() - 3_600_000).toUTCString() }),
    ),
    fails: ["clock"],
    says: /differs by -36\d\d s[\s\S]*NTP/,
  },
];
