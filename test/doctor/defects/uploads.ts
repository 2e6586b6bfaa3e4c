import {
  createResponse,
  type DefectCase,
  isUpload,
  modifyResponses,
  TOO_LARGE,
  withHeaders,
  withoutHeader,
} from "./defect.ts";

/** Proxies with defects in uploads. */
export const UPLOAD_DEFECTS: readonly DefectCase[] = [
  {
    what: "a Location on another host",
    spoil: modifyResponses(
      (request) => request.method === "POST" && isUpload(request),
      (response) =>
        withHeaders(response, { location: `https://other.example${response.headers["location"]}` }),
    ),
    fails: ["location"],
    says: /leads to another host[\s\S]*oras/,
  },
  {
    what: "a Location with escapes",
    spoil: modifyResponses(
      (request) => request.method === "PUT" && isUpload(request),
      (response) =>
        withHeaders(response, { location: String(response.headers["location"]).replace(":", "%3A") }),
    ),
    fails: ["location"],
    says: /percent-encoding/,
  },
  {
    what: "413 for more than 10 MB",
    spoil: { respond: ({ body }) => (body.length > 10_485_760 ? TOO_LARGE : undefined) },
    fails: ["large-put", "large-patch", "large-post"],
    says: /actual:.*413.*from API Gateway, request id Abc=[\s\S]*accepts bodies of at most 10 MB[\s\S]*RegistryUrl/,
    size: 11_000_000,
  },
  {
    what: "413 for a large POST only",
    spoil: {
      respond: ({ method, body }) => (method === "POST" && body.length > 10_485_760 ? TOO_LARGE : undefined),
    },
    fails: ["large-post"],
    says: /instead of the stream function/,
    size: 11_000_000,
  },
  {
    what: "Docker-Content-Digest dropped from pushes",
    spoil: modifyResponses(
      (request) => request.method === "PUT" && isUpload(request),
      withoutHeader("docker-content-digest"),
    ),
    fails: ["push-put"],
    says: /no Docker-Content-Digest[\s\S]*containerd before 2\.2/,
  },
  {
    what: "Range dropped from responses to PATCH",
    spoil: modifyResponses(
      (request) => request.method === "PATCH" && request.headers["content-range"] === undefined,
      withoutHeader("range"),
    ),
    fails: ["push-patch"],
    says: /no Range[\s\S]*docker reads/,
  },
  {
    what: "PATCH rejected when it is chunked",
    spoil: {
      respond: ({ method, headers, body }) =>
        method === "PATCH" && headers["transfer-encoding"] !== undefined && body.length === 100_000
          ? createResponse(501, "<Error><Code>NotImplemented</Code></Error>")
          : undefined,
    },
    fails: ["push-patch"],
    says: /501/,
  },
  {
    what: "an incorrect offset that is accepted",
    spoil: modifyResponses(
      (request) => request.method === "PATCH" && isUpload(request),
      (response) => (response.status === 416 ? { ...response, status: 202 } : response),
    ),
    fails: ["out-of-order"],
    says: /expected:.*416[\s\S]*actual:.*202/,
  },
  {
    what: "an incorrect digest that is accepted",
    spoil: modifyResponses(
      (request) => request.method === "PUT" && isUpload(request),
      (response) => (response.status === 400 ? { ...response, status: 201 } : response),
    ),
    fails: ["wrong-digest"],
    says: /expected:.*400/,
  },
  {
    what: "GET of an upload without Range",
    spoil: modifyResponses(
      (request) => request.method === "GET" && isUpload(request),
      withoutHeader("range"),
    ),
    fails: ["resume"],
    says: /no Range/,
  },
  {
    what: "DELETE of an upload that has no effect",
    spoil: {
      respond: (request) =>
        request.method === "DELETE" && isUpload(request) ? createResponse(204, "") : undefined,
    },
    fails: ["cancel"],
    says: /cancelled upload/,
  },
  {
    what: "417 for Expect",
    spoil: { expectStatus: 417 },
    fails: ["expect-continue"],
    says: /417[\s\S]*CloudFront removes the header/,
  },
  {
    what: "a closed connection instead of a rejection",
    spoil: {
      respond: ({ path }) => (path.includes("no-such-session") ? "hang up" : undefined),
    },
    fails: ["early-refusal"],
    says: /no response[\s\S]*closed without a response/,
  },
];
