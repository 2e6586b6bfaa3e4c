import { OciError } from "../oci/errors.ts";
import type { Body } from "../ports/body.ts";
import type { Caller } from "./auth/caller.ts";

/** A request, independent of the runtime that received it. */
export interface HttpRequest {
  readonly method: string;
  /** As sent by the client, with percent escapes and without the query. */
  readonly path: string;
  /** As sent by the client, without the question mark; empty when there is none. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined when the request has no body. */
  readonly body: Body | undefined;
  /** Address of the client, if the runtime provides it. */
  readonly client?: string | undefined;
  /** The authenticated caller. @default - everything is allowed */
  readonly caller?: Caller;
}

/** A response, independent of the runtime that sends it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | Body;
}

/** A body that ended before its `Content-Length`, or whose connection was closed. */
export class IncompleteBodyError extends OciError {
  constructor(cause: unknown) {
    super("SIZE_INVALID", { message: "incomplete body: it ended before its Content-Length", cause });
  }
}

/** The application, or a part of it with middleware. The promise never rejects. */
export type App = (request: HttpRequest) => Promise<HttpResponse>;

/** Creates a response with a JSON body. */
export function jsonResponse(
  status: number,
  value: unknown,
  headers: HttpResponse["headers"] = {},
): HttpResponse {
  const body = Buffer.from(JSON.stringify(value));
  return {
    status,
    headers: { "content-type": "application/json", "content-length": String(body.length), ...headers },
    body,
  };
}

/** Creates a response with an empty body. */
export function emptyResponse(status: number, headers: HttpResponse["headers"] = {}): HttpResponse {
  return { status, headers: { "content-length": "0", ...headers } };
}

/** Creates a 204, which must not have a `Content-Length`: https://www.rfc-editor.org/rfc/rfc9110.html#section-8.6 */
export function noContentResponse(headers: HttpResponse["headers"]): HttpResponse {
  return { status: 204, headers };
}

/** Returns a response with more headers, which replace those of the same name. */
export function addHeaders(response: HttpResponse, headers: HttpResponse["headers"]): HttpResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}

/** Returns the response to HEAD: the same response without its body. */
export function withoutBody({ status, headers }: HttpResponse): HttpResponse {
  return { status, headers };
}
