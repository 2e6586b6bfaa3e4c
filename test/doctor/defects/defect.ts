import type { ProxyDefect, ProxyRequest, ProxyResponse } from "../proxy.ts";

export const isBlob = ({ path }: ProxyRequest) => /\/blobs\/sha256(:|%3a)/i.test(path);
export const isUpload = ({ path }: ProxyRequest) => path.includes("/blobs/uploads/");
export const isManifest = ({ path }: ProxyRequest) => path.includes("/manifests/");

/** Returns the response with these headers set; undefined removes a header. */
export function withHeaders(response: ProxyResponse, headers: ProxyResponse["headers"]): ProxyResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** Creates a response. */
export function createResponse(
  status: number,
  text: string,
  headers: ProxyResponse["headers"] = {},
): ProxyResponse {
  return { status, headers, body: Buffer.from(text) };
}

/** Modifies the responses to matching requests. */
export function modifyResponses(
  when: (request: ProxyRequest) => boolean,
  change: (response: ProxyResponse, self: string, request: ProxyRequest) => ProxyResponse,
): ProxyDefect {
  return {
    modifyResponse: (request, response, self) => (when(request) ? change(response, self, request) : response),
  };
}

/** Returns a function that removes a header from a response. */
export function withoutHeader(name: string): (response: ProxyResponse) => ProxyResponse {
  return (response) => withHeaders(response, { [name]: undefined });
}

/** API Gateway's response to a body that exceeds its limit. */
export const TOO_LARGE = createResponse(413, '{"message":"Request Entity Too Large"}', {
  "apigw-requestid": "Abc=",
});

/** A defect, and the checks that it fails. */
export interface DefectCase {
  readonly what: string;
  readonly spoil: ProxyDefect;
  /** Names of the checks that fail, and no others. */
  readonly fails: readonly string[];
  /** Pattern of the explanation. */
  readonly says: RegExp;
  /** Size of large bodies in bytes. */
  readonly size?: number;
}
