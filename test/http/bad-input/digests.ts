import { get, head, patch, post, put, type Row, remove } from "./row.ts";

const HEX = "0123456789abcdef".repeat(4);

const DIGESTS: readonly (readonly [what: string, digest: string])[] = [
  ["that is a tag", "latest"],
  ["without its hex", "sha256:"],
  ["without its algorithm", `:${HEX}`],
  ["that is only an algorithm", "sha256"],
  ["in upper case", `sha256:${HEX.toUpperCase()}`],
  ["of an algorithm in upper case", `SHA256:${HEX}`],
  ["that is too short", `sha256:${HEX.slice(1)}`],
  ["that is too long", `sha256:${HEX}0`],
  ["that is not hex", `sha256:${HEX.slice(1)}g`],
  ["of sha512 that is as long as one of sha256", `sha512:${HEX}`],
  ["of sha256 that is as long as one of sha512", `sha256:${HEX}${HEX}`],
  ["of md5", `md5:${HEX.slice(32)}`],
  ["of sha1", `sha1:${HEX.slice(24)}`],
  ["of sha384", `sha384:${HEX}${HEX.slice(32)}`],
  ["of an algorithm with a parameter", `sha256+b64u:${HEX}`],
  ["of an algorithm that is a property of every object", `constructor:${HEX}`],
  ["of an algorithm that is an inherited property", `__proto__:${HEX}`],
  ["with a space", `sha256:${HEX.slice(1)}%20`],
  ["with a line feed after it", `sha256:${HEX}%0A`],
  ["with NUL after it", `sha256:${HEX}%00`],
  ["with two colons", `sha256:sha256:${HEX}`],
  ["that is a parent folder", "sha256:.."],
  ["of 8000 characters", `sha256:${"a".repeat(8000)}`],
];

const SOME = DIGESTS.filter(([what]) => /upper case|short|md5|NUL/.test(what));

/** Malformed or wrong digests: DIGEST_INVALID at each endpoint. */
export const DIGEST_ROWS: readonly Row[] = [
  ...DIGESTS.map(
    ([what, digest]): Row => [
      `a digest ${what}, of a blob`,
      get(`/v2/{repo}/blobs/${digest}`),
      400,
      "DIGEST_INVALID",
    ],
  ),
  ...SOME.flatMap(([what, digest]): Row[] => [
    [`a digest ${what}, of a blob to delete`, remove(`/v2/{repo}/blobs/${digest}`), 400, "DIGEST_INVALID"],
    [`a digest ${what}, of a manifest`, get(`/v2/{repo}/manifests/${digest}`), 400, "DIGEST_INVALID"],
    [
      `a digest ${what}, of a manifest to store`,
      put(`/v2/{repo}/manifests/${digest}`, { body: "{}" }),
      400,
      "DIGEST_INVALID",
    ],
    [`a digest ${what}, of a subject`, get(`/v2/{repo}/referrers/${digest}`), 400, "DIGEST_INVALID"],
    [`a digest ${what}, to close a session`, put(`{session}?digest=${digest}`), 400, "DIGEST_INVALID"],
    [
      `a digest ${what}, of a whole blob`,
      post(`/v2/{repo}/blobs/uploads/?digest=${digest}`, { body: "abc" }),
      400,
      "DIGEST_INVALID",
    ],
  ]),
  ["a bad digest of a blob, by HEAD", head("/v2/{repo}/blobs/sha256:abc"), 400],
  [
    "a bad digest of a whole blob of no bytes",
    post("/v2/{repo}/blobs/uploads/?digest=sha256:abc"),
    400,
    "DIGEST_INVALID",
  ],
  ["no digest to close a session", put("{session}"), 400, "DIGEST_INVALID"],
  ["an empty digest to close a session", put("{session}?digest="), 400, "DIGEST_INVALID"],
  [
    "a digest with an incomplete escape to close a session",
    put("{session}?digest=sha256%3"),
    400,
    "DIGEST_INVALID",
  ],
  [
    "the digest of other bytes to close a session",
    put(`{session}?digest=sha256:${HEX}`),
    400,
    "DIGEST_INVALID",
  ],
  [
    "the digest of other bytes to close a fresh session",
    put(`{fresh}?digest=sha256:${HEX}`, { body: "abc" }),
    400,
    "DIGEST_INVALID",
  ],
  ["the digest of other bytes for no bytes", put(`{fresh}?digest=sha256:${HEX}`), 400, "DIGEST_INVALID"],
  [
    "the digest of another manifest",
    put("/v2/{repo}/manifests/{blob}", {
      body: '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}',
    }),
    400,
    "DIGEST_INVALID",
  ],
  [
    "a bad digest in the query of a manifest",
    put("/v2/{repo}/manifests/bad?digest=sha256:abc", { body: "{}" }),
    400,
    "DIGEST_INVALID",
  ],
  ["an unknown algorithm", post("/v2/{repo}/blobs/uploads/?digest-algorithm=md5"), 400, "DIGEST_INVALID"],
  ["an empty algorithm", post("/v2/{repo}/blobs/uploads/?digest-algorithm="), 400, "DIGEST_INVALID"],
  [
    "an algorithm in upper case",
    post("/v2/{repo}/blobs/uploads/?digest-algorithm=SHA256"),
    400,
    "DIGEST_INVALID",
  ],
  [
    "an algorithm that is an inherited property",
    post("/v2/{repo}/blobs/uploads/?digest-algorithm=toString"),
    400,
    "DIGEST_INVALID",
  ],
  [
    "a bad digest as last in a list of referrers",
    get("/v2/{repo}/referrers/{blob}?last=abc"),
    400,
    "DIGEST_INVALID",
  ],
  [
    "bytes for an unknown session",
    patch("/v2/{repo}/blobs/uploads/never-was", { body: "abc" }),
    404,
    "BLOB_UPLOAD_UNKNOWN",
  ],
];
