import { type BadRequest, get, type Row, raw } from "./row.ts";

const chunked = (body: string, line = "PATCH {session} HTTP/1.1", end = false) =>
  raw(line, ["Transfer-Encoding: chunked"], body, end);
const header = (...lines: readonly string[]) => raw("GET /v2/ HTTP/1.1", lines);
const bare = (text: string): BadRequest => ({ raw: text });

/** Faults in the length of a body. A server that reads them unlike a proxy in front allows request smuggling. */
const LENGTHS: readonly (readonly [what: string, headers: readonly string[]])[] = [
  ["both Content-Length and Transfer-Encoding", ["Content-Length: 3", "Transfer-Encoding: chunked"]],
  ["both Transfer-Encoding and Content-Length", ["Transfer-Encoding: chunked", "Content-Length: 3"]],
  ["two Content-Lengths", ["Content-Length: 3", "Content-Length: 4"]],
  ["the same Content-Length twice", ["Content-Length: 3", "Content-Length: 3"]],
  ["a list of Content-Lengths", ["Content-Length: 3, 3"]],
  ["a negative Content-Length", ["Content-Length: -3"]],
  ["a signed Content-Length", ["Content-Length: +3"]],
  ["a hexadecimal Content-Length", ["Content-Length: 0x3"]],
  ["a Content-Length with a fraction", ["Content-Length: 3.0"]],
  ["a Content-Length of two numbers", ["Content-Length: 3 3"]],
  ["an empty Content-Length", ["Content-Length: "]],
  ["a Content-Length of a word", ["Content-Length: three"]],
  ["a Content-Length beyond 64 bits", ["Content-Length: 99999999999999999999999"]],
  ["an unknown Transfer-Encoding", ["Transfer-Encoding: gzip"]],
  ["Transfer-Encoding: identity", ["Transfer-Encoding: identity"]],
  ["a coding after chunked", ["Transfer-Encoding: chunked, gzip"]],
  ["a misspelled chunked", ["Transfer-Encoding: xchunked"]],
  ["an empty Transfer-Encoding", ["Transfer-Encoding: "]],
  ["a space before the colon of Transfer-Encoding", ["Transfer-Encoding : chunked"]],
  ["a space before the colon of Content-Length", ["Content-Length : 3"]],
  ["a folded Transfer-Encoding", ["Transfer-Encoding:\r\n chunked"]],
  ["a Transfer-Encoding after a vertical tab", ["Transfer-Encoding:\x0bchunked"]],
];

const HEADERS: readonly (readonly [what: string, request: BadRequest])[] = [
  ["a folded header", header("X-Folded: a", " b")],
  ["a header without a colon", header("nonsense")],
  ["a header without a name", header(": value")],
  ["a header whose name has a space", header("X Y: z")],
  ["a header whose name has a byte above ASCII", header("X-\xe4: a")],
  ["a header with NUL", header("X-Nul: a\0b")],
  ["a header with a control character", header("X-Control: a\x01b")],
  ["a header with a bare carriage return", header("X-Bare: a\rb")],
  ["white space before the first header", bare("GET /v2/ HTTP/1.1\r\n Host: registry\r\n\r\n")],
  ["no Host", bare("GET /v2/ HTTP/1.1\r\nConnection: close\r\n\r\n")],
  ["two Hosts", header("Host: other")],
];

const FIRST_LINES: readonly (readonly [what: string, request: BadRequest])[] = [
  ["a line of words", bare("hello world\r\n\r\n")],
  ["a line without a target", bare("GET HTTP/1.1\r\n\r\n")],
  ["HTTP/9.9", raw("GET /v2/ HTTP/9.9")],
  ["the preface of HTTP/2", bare("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
  ["a version of three numbers", raw("GET /v2/ HTTP/1.1.1")],
  ["a version in lower case", raw("GET /v2/ http/1.1")],
  ["another protocol", raw("GET /v2/ SIP/2.0")],
  ["the beginning of TLS", bare("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")],
  ["a response", bare("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")],
];

const CHUNKS: readonly (readonly [what: string, body: string])[] = [
  ["a size of letters", "zz\r\ndef\r\n0\r\n\r\n"],
  ["a negative size", "-3\r\ndef\r\n0\r\n\r\n"],
  ["a size with 0x", "0x3\r\ndef\r\n0\r\n\r\n"],
  ["no size", "\r\ndef\r\n0\r\n\r\n"],
  ["a size beyond 64 bits", "fffffffffffffffff\r\ndef\r\n0\r\n\r\n"],
  ["a size that is too small", "2\r\ndef\r\n0\r\n\r\n"],
  ["a space before its size", " 3\r\ndef\r\n0\r\n\r\n"],
  ["no end of line after it", "3\r\ndef0\r\n\r\n"],
];

const LINES = [
  "PATCH {session}",
  "PUT {fresh}?digest={blob}",
  "POST /v2/{repo}/blobs/uploads/?digest={blob}",
  "PUT /v2/{repo}/manifests/bad",
];

const large = (size: number) => "a".repeat(size);

/** Malformed, incomplete and excessive HTTP. */
export const FRAMING_ROWS: readonly Row[] = [
  ...LENGTHS.map(
    ([what, headers]): Row => [what, raw("PATCH {session} HTTP/1.1", headers, "def"), 400, "UNSUPPORTED"],
  ),
  ...HEADERS.map(([what, request]): Row => [what, request, 400, "UNSUPPORTED"]),
  ...FIRST_LINES.map(([what, request]): Row => [what, request, 400, "UNSUPPORTED"]),
  ...CHUNKS.map(([what, body]): Row => [`a chunk with ${what}`, chunked(body), 400, "UNSUPPORTED"]),
  ...LINES.flatMap((line): Row[] => [
    [
      `${line} that ends before its length`,
      raw(`${line} HTTP/1.1`, ["Content-Length: 100"], "def", true),
      400,
      "UNSUPPORTED",
    ],
    [`${line} that ends within a chunk`, chunked("5\r\ndef", `${line} HTTP/1.1`, true), 400, "UNSUPPORTED"],
    [
      `${line} that ends before its last chunk`,
      chunked("3\r\ndef\r\n", `${line} HTTP/1.1`, true),
      400,
      "UNSUPPORTED",
    ],
  ]),
  [
    "a request that ends within its headers",
    { raw: "GET /v2/ HTTP/1.1\r\nHost: reg", end: true },
    400,
    "UNSUPPORTED",
  ],
  ["a header of 20 KB", get("/v2/", { "x-large": large(20_000) }), 431, "UNSUPPORTED"],
  [
    "an Authorization of 64 KB",
    get("/v2/", { authorization: `Bearer ${large(64_000)}` }),
    431,
    "UNSUPPORTED",
  ],
  [
    "300 headers of 100 bytes",
    header(...Array.from({ length: 300 }, (_, index) => `X-${index}: ${large(100)}`)),
    431,
    "UNSUPPORTED",
  ],
  ["a target of 20 KB", get(`/v2/${large(20_000)}/tags/list`), 431, "UNSUPPORTED"],
  ["a query of 20 KB", get(`/v2/_catalog?n=1&last=${large(20_000)}`), 431, "UNSUPPORTED"],
  ["a header's name of 20 KB", header(`${large(20_000)}: a`), 431, "UNSUPPORTED"],
  ["a trailer of 20 KB", chunked(`3\r\ndef\r\n0\r\nX-Trailer: ${large(20_000)}\r\n\r\n`), 431, "UNSUPPORTED"],
  ["an unsupported expectation", header("Expect: the-unexpected"), 417, "UNSUPPORTED"],
  /** The server need not reject an unsupported version: it responds in HTTP/1.1. */
  ["HTTP/0.9", raw("GET /v2/ HTTP/0.9"), 200],
  ["HTTP/2.0", raw("GET /v2/ HTTP/2.0"), 200],
  ["HTTP/1.0, for an unknown repository", raw("GET /v2/unknown/tags/list HTTP/1.0"), 404, "NAME_UNKNOWN"],
];
