import { type DefectCase, isBlob, isUpload, modifyResponses, withHeaders } from "./defect.ts";

/** Proxies with defects in reads of blobs. */
export const BLOB_DEFECTS: readonly DefectCase[] = [
  {
    what: "a HEAD of a blob with Content-Length 0",
    spoil: modifyResponses(
      (request) => request.method === "HEAD" && isBlob(request),
      (response) => withHeaders(response, { "content-length": "0" }),
    ),
    fails: ["head-blob"],
    says: /actual:.*Content-Length: 0[\s\S]*stream function/,
  },
  {
    what: "a dropped Range header",
    spoil: {
      modifyRequest: ({ headers: { range: _, ...headers }, ...request }) => ({ ...request, headers }),
    },
    fails: ["range"],
    says: /Range is ignored[\s\S]*AllViewerExceptHostHeader/,
  },
  {
    what: "incorrect bytes of a range",
    spoil: modifyResponses(
      (request) => request.headers.range !== undefined,
      (response) => ({ ...response, body: Buffer.alloc(response.body.length) }),
    ),
    fails: ["range"],
    says: /bytes of a range differ/,
  },
  {
    what: "incorrect bytes of a blob",
    spoil: modifyResponses(
      (request) => request.method === "GET" && isBlob(request) && request.headers.range === undefined,
      (response) => ({ ...response, body: Buffer.alloc(response.body.length, 1) }),
    ),
    fails: ["pull"],
    says: /returned bytes differ/,
  },
  {
    what: "percent-encoding that is encoded again",
    spoil: {
      modifyRequest: (request) => ({
        ...request,
        path: request.path.replace(/(sha256)%(3a)/i, (_, a, b) =>
          isUpload(request) ? `${a}%${b}` : `${a}%25${b}`,
        ),
      }),
    },
    fails: ["escaped-digest"],
    says: /%253A/,
  },
];
