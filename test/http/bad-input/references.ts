import { get, patch, put, type Row, remove } from "./row.ts";

const TAGS: readonly (readonly [what: string, tag: string])[] = [
  ["that begins with a dot", ".a"],
  ["that begins with a hyphen", "-a"],
  ["that is two dots", ".."],
  ["that is two escaped dots", "%2e%2e"],
  ["that is empty", ""],
  ["with a space", "a%20b"],
  ["with a plus sign", "a+b"],
  ["with an at sign", "a@b"],
  ["with a backslash", "a%5Cb"],
  ["with NUL", "a%00b"],
  ["with a line feed at its end", "a%0A"],
  ["with an umlaut", "%C3%A4"],
  ["with the number sign of record keys", "a%23b"],
  ["of 129 characters", "a".repeat(129)],
  ["of 8000 characters", "a".repeat(8000)],
];

const SESSIONS: readonly (readonly [what: string, id: string])[] = [
  ["of two dots", ".."],
  ["of two escaped dots", "%2e%2e"],
  ["with a dot", "a.b"],
  ["with NUL", "a%00b"],
  ["with a backslash", "..%5Ca"],
  ["of 65 characters", "a".repeat(65)],
  ["of 8000 characters", "a".repeat(8000)],
  ["that is the name of a temporary file", "put-00000000-0000-4000-8000-000000000000"],
];

const INDEX = {
  headers: { "content-type": "application/vnd.oci.image.index.v1+json" },
  body: '{"schemaVersion":2}',
};

/** Malformed tags and ids of upload sessions. */
export const REFERENCE_ROWS: readonly Row[] = [
  ...TAGS.map(
    ([what, tag]): Row => [
      `a tag ${what}, to push to`,
      put(`/v2/{repo}/manifests/${tag}`, INDEX),
      400,
      "MANIFEST_INVALID",
    ],
  ),
  ...TAGS.filter(([what]) => /dot$|NUL|129/.test(what)).flatMap(([what, tag]): Row[] => [
    [`a tag ${what}, to pull`, get(`/v2/{repo}/manifests/${tag}`), 404, "MANIFEST_UNKNOWN"],
    [`a tag ${what}, to delete`, remove(`/v2/{repo}/manifests/${tag}`), 404, "MANIFEST_UNKNOWN"],
    [
      `a tag ${what}, with a digest`,
      put(`/v2/{repo}/manifests/{manifest}?tag=${tag}`, INDEX),
      400,
      "MANIFEST_INVALID",
    ],
    [`a tag ${what}, as last`, get(`/v2/{repo}/tags/list?last=${tag}`), 400, "MANIFEST_INVALID"],
  ]),
  ["an empty tag with a digest", put("/v2/{repo}/manifests/{manifest}?tag=", INDEX), 400, "MANIFEST_INVALID"],
  ["a tag with a colon", put("/v2/{repo}/manifests/a:b", INDEX), 400, "DIGEST_INVALID"],
  ["a tag with a slash", put("/v2/{repo}/manifests/a/b", INDEX), 404, "UNSUPPORTED"],
  ["a tag with an escaped slash", put("/v2/{repo}/manifests/a%2Fb", INDEX), 404, "UNSUPPORTED"],
  ["a tag of 4 KB as last", get(`/v2/{repo}/tags/list?last=${"a".repeat(4096)}`), 400, "MANIFEST_INVALID"],
  ...SESSIONS.flatMap(([what, id]): Row[] => [
    [`a session ${what}, to get`, get(`/v2/{repo}/blobs/uploads/${id}`), 404, "BLOB_UPLOAD_UNKNOWN"],
    [
      `a session ${what}, to write to`,
      patch(`/v2/{repo}/blobs/uploads/${id}`, { body: "abc" }),
      404,
      "BLOB_UPLOAD_UNKNOWN",
    ],
  ]),
  ["a session of two dots, to cancel", remove("/v2/{repo}/blobs/uploads/%2e%2e"), 404, "BLOB_UPLOAD_UNKNOWN"],
  [
    "a session of two dots, to close",
    put("/v2/{repo}/blobs/uploads/%2e%2e?digest={blob}"),
    404,
    "BLOB_UPLOAD_UNKNOWN",
  ],
  [
    "a session with parent folders by escaped slashes",
    get("/v2/{repo}/blobs/uploads/..%2F..%2Frecords"),
    404,
    "UNSUPPORTED",
  ],
];
