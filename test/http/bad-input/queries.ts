import { get, put, type Row } from "./row.ts";

const COUNTS = ["-1", "abc", "1.5", "1e3", "0x10", "+1", "%201", "1%00", "null", "1,2", "%EF%BC%91"];

const CONDITIONS: readonly (readonly [what: string, headers: Readonly<Record<string, string>>])[] = [
  ["If-Match of a string that is not a digest", { "if-match": '"abc"' }],
  ["If-Match of a bare word", { "if-match": "abc" }],
  ["If-Match of an empty string", { "if-match": '""' }],
  ["an empty If-Match", { "if-match": "" }],
  ["If-Match of commas", { "if-match": ",,," }],
  ["If-Match with an open quote", { "if-match": `"sha256:${"0".repeat(64)}` }],
  ["If-Match of a digest of md5", { "if-match": `"md5:${"0".repeat(32)}"` }],
  ["If-Match of a digest and something else", { "if-match": `"sha256:${"0".repeat(64)}", "abc"` }],
  ["If-Match of a digest and an asterisk", { "if-match": `"sha256:${"0".repeat(64)}", *` }],
  ["If-None-Match of a digest", { "if-none-match": `"sha256:${"0".repeat(64)}"` }],
  ["If-None-Match of a bare word", { "if-none-match": "abc" }],
  ["an empty If-None-Match", { "if-none-match": "" }],
  ["both If-Match and If-None-Match", { "if-match": "*", "if-none-match": "*" }],
];

/** Malformed query parameters and preconditions. */
export const QUERY_ROWS: readonly Row[] = [
  ...COUNTS.flatMap((n): Row[] => [
    [`n=${n.slice(0, 20)} tags`, get(`/v2/{repo}/tags/list?n=${n}`), 400, "PAGINATION_NUMBER_INVALID"],
    [`n=${n.slice(0, 20)} repositories`, get(`/v2/_catalog?n=${n}`), 400, "PAGINATION_NUMBER_INVALID"],
  ]),
  ["n=100 of an unknown repository", get("/v2/unknown/tags/list?n=100"), 404, "NAME_UNKNOWN"],
  ["an empty n tags", get("/v2/{repo}/tags/list?n="), 200],
  ["an empty n repositories", get("/v2/_catalog?n="), 200],
  ["an n above the length of any list", get("/v2/{repo}/tags/list?n=999999999999999"), 200],
  ["an n of 400 digits", get(`/v2/_catalog?n=${"9".repeat(400)}`), 200],
  ["a query of separators only", get("/v2/{repo}/tags/list?&&=&?&"), 200],
  ["a query of malformed escapes", get("/v2/{repo}/tags/list?%=%zz&a=%e4"), 200],
  ["a query of 8 KB", get(`/v2/{repo}/tags/list?a=${"a".repeat(8192)}`), 200],
  ...CONDITIONS.map(
    ([what, headers]): Row => [
      `${what} on a push`,
      put("/v2/{repo}/manifests/bad", { body: '{"schemaVersion":2,"manifests":[]}', headers }),
      400,
      "MANIFEST_INVALID",
    ],
  ),
];
