import { endToEndHeaders, type HeaderList, withoutHeaders } from "../headers.ts";
import { isObject } from "../support/json.ts";

/** HTTP response returned by a function. */
export interface GatewayResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

/**
 * Parses a function's result as an HTTP response.
 * @returns undefined when it is malformed; API Gateway then responds with 500
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function parseFunctionResponse(payload: string): GatewayResponse | undefined {
  const json: unknown = JSON.parse(payload);
  if (!isObject(json) || json["statusCode"] === undefined) {
    const headers = [["content-type", "application/json"]] as const;
    return { status: 200, headers, body: Buffer.from(typeof json === "string" ? json : payload) };
  }
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded = false } = json;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599) return undefined;
  if (!isObject(headers) || !Array.isArray(cookies) || typeof body !== "string") return undefined;
  const supplied = Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
  const set = cookies.map((cookie) => ["set-cookie", String(cookie)] as const);
  return {
    status,
    headers: endToEndHeaders([...supplied, ...set]),
    body: Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8"),
  };
}

/**
 * Returns the headers that the client receives. `Content-Length` is the actual length of the body, not the value that the
 * function returned. Two details are undocumented for HTTP APIs: whether a response to HEAD keeps the function's
 * `Content-Length`, and whether `WWW-Authenticate` is renamed, as in REST APIs. Harsh mode assumes the worse case.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function responseHeaders(method: string, response: GatewayResponse, isHarsh: boolean): HeaderList {
  const { headers, body, status } = response;
  const contentLength = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1];
  const rest = withoutHeaders(headers, "content-length", "date").map(([name, value]) => {
    return isHarsh && name.toLowerCase() === "www-authenticate"
      ? (["x-amzn-remapped-www-authenticate", value] as const)
      : ([name, value] as const);
  });
  if (status === 204 || status === 304) return rest;
  if (method !== "HEAD") return [...rest, ["Content-Length", String(body.length)]];
  if (!isHarsh) return contentLength === undefined ? rest : [...rest, ["Content-Length", contentLength]];
  const remapped =
    contentLength === undefined ? [] : [["x-amzn-remapped-content-length", contentLength] as const];
  return [...rest, ...remapped, ["Content-Length", "0"]];
}
