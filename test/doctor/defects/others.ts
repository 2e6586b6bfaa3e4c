import { createResponse, type DefectCase, isBlob, isUpload, modifyResponses, withHeaders } from "./defect.ts";

/** Proxies with defects in headers, clocks and deletions. */
export const OTHER_DEFECTS: readonly DefectCase[] = [
  {
    what: "502 for oversized headers",
    spoil: {
      respond: ({ headers }) => (headers["x-padding"] === undefined ? undefined : createResponse(502, "")),
    },
    fails: ["headers"],
    says: /502/,
  },
  {
    what: "DELETE blocked by a firewall",
    spoil: {
      respond: (request) =>
        request.method === "DELETE" && !isUpload(request)
          ? createResponse(403, "<html>cloudfront</html>")
          : undefined,
    },
    fails: ["clean-up"],
    says: /could not be deleted[\s\S]*\/v2\/doctor\/\w+\/blobs\/sha256:[\s\S]*curl -X DELETE/,
  },
  {
    what: "DELETE without a response",
    spoil: { respond: (request) => (request.method === "DELETE" && isBlob(request) ? "hang up" : undefined) },
    fails: ["clean-up"],
    says: /actual:.*\/blobs\/sha256:\w+ \(no response: ECONNRESET\)/,
  },
  {
    what: "a clock that is an hour off",
    spoil: modifyResponses(
      () => true,
      (response) => withHeaders(response, { date: new Date(Date.now() - 3_600_000).toUTCString() }),
    ),
    fails: ["clock"],
    says: /differs by -36\d\d s[\s\S]*NTP/,
  },
];
