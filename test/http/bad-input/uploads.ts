import { UNKNOWN_DIGEST } from "../content.ts";
import { type BadRequest, patch, put, type Row } from "./row.ts";

const MALFORMED = [
  "abc",
  "3",
  "3-",
  "-5",
  "5-3",
  "3--5",
  "-3-5",
  "3 - 5",
  "3-5-7",
  "3-5,6-7",
  "0x3-0x5",
  "3.0-5.0",
  "3-5/",
  "3-5/x",
  "bytes=3-5",
  "bytes */6",
  "items 3-5/6",
  "",
  `3-${"9".repeat(400)}`,
];

const OUT_OF_ORDER = ["0-2", "2-4", "4-6", "1000000-1000002", "9007199254740990-9007199254740992"];

/** Ranges out of order that also differ from the length of the body. */
const OUT_OF_ORDER_AND_LENGTH = ["0-9", "0-0", "10-30", "4-9007199254740991"];

const WRONG_LENGTHS: readonly (readonly [what: string, range: string])[] = [
  ["longer than the body", "3-9"],
  ["shorter than the body", "3-3"],
  ["of a body of terabytes", "3-9007199254740991"],
];

const both = (what: string, range: string, status: number, code: string): readonly Row[] => {
  const options = { body: "def", headers: { "content-range": range } };
  return [
    [`${what}, by PATCH`, patch("{session}", options), status, code],
    [`${what}, by PUT`, put(`{session}?digest=${UNKNOWN_DIGEST}`, options), status, code],
  ];
};

const chunked = (range: string): BadRequest =>
  patch("{session}", { chunks: ["de", "f"], headers: { "content-range": range } });

/** Chunks with wrong headers. The session has the 3 bytes `abc`. */
export const UPLOAD_ROWS: readonly Row[] = [
  ...MALFORMED.flatMap((range) =>
    both(`Content-Range ${range.slice(0, 20)}`, range, 400, "BLOB_UPLOAD_INVALID"),
  ),
  ...OUT_OF_ORDER.flatMap((range) =>
    both(`Content-Range ${range}, out of order`, range, 416, "BLOB_UPLOAD_INVALID"),
  ),
  ...OUT_OF_ORDER_AND_LENGTH.flatMap((range) =>
    both(`Content-Range ${range}, out of order and of another length`, range, 416, "BLOB_UPLOAD_INVALID"),
  ),
  ...WRONG_LENGTHS.flatMap(([what, range]) => both(`Content-Range ${what}`, range, 400, "SIZE_INVALID")),
  ["Content-Range longer than a chunked body", chunked("3-9"), 400, "SIZE_INVALID"],
  ["Content-Range shorter than a chunked body", chunked("3-3"), 400, "SIZE_INVALID"],
  ["Content-Range out of order of a chunked body", chunked("0-2"), 416, "BLOB_UPLOAD_INVALID"],
  [
    "a first chunk that is not the first",
    patch("{fresh}", { body: "def", headers: { "content-range": "3-5" } }),
    416,
    "BLOB_UPLOAD_INVALID",
  ],
];
