import { answers, isBlob, isUpload, type Spoiled, withHeaders } from "./spoil.ts";

/** Fronts that spoil reads of blobs. */
export const BLOB_FRONTS: readonly Spoiled[] = [
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
    what: "wrong bytes of a blob",
    spoil: answers(
      (asked) => asked.method === "GET" && isBlob(asked) && asked.headers.range === undefined,
      (answered) => ({ ...answered, body: Buffer.alloc(answered.body.length, 1) }),
    ),
    fails: ["pull"],
    says: /other bytes come back/,
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
];
