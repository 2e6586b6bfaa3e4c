import { answers, isBlob, isUpload, type Spoiled, withHeaders } from "./spoil.ts";

/** Proxies with defects in reads of blobs. */
export const BLOB_FRONTS: readonly Spoiled[] = [
  {
    what: "a HEAD of a blob with Content-Length 0",
    spoil: answers(
      (asked) => asked.method === "HEAD" && isBlob(asked),
      (answered) => withHeaders(answered, { "content-length": "0" }),
    ),
    fails: ["head-blob"],
    says: /actual:.*Content-Length: 0[\s\S]*stream function/,
  },
  {
    what: "a dropped Range header",
    spoil: {
      request: ({ headers: { range: _, ...headers }, ...asked }) => ({ ...asked, headers }),
    },
    fails: ["range"],
    says: /Range is ignored[\s\S]*AllViewerExceptHostHeader/,
  },
  {
    what: "incorrect bytes of a range",
    spoil: answers(
      (asked) => asked.headers.range !== undefined,
      (answered) => ({ ...answered, body: Buffer.alloc(answered.body.length) }),
    ),
    fails: ["range"],
    says: /bytes of a range differ/,
  },
  {
    what: "incorrect bytes of a blob",
    spoil: answers(
      (asked) => asked.method === "GET" && isBlob(asked) && asked.headers.range === undefined,
      (answered) => ({ ...answered, body: Buffer.alloc(answered.body.length, 1) }),
    ),
    fails: ["pull"],
    says: /returned bytes differ/,
  },
  {
    what: "percent escapes that are escaped again",
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
];
