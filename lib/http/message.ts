import { OciError } from "../oci/errors.ts";
import type { Body } from "../ports/body.ts";
import type { Caller } from "./auth/caller.ts";

/** A request as the application sees it, whatever carried it here. */
export interface HttpRequest {
  readonly method: string;
  /** As it was sent, percent escapes included, without the query. */
  readonly path: string;
  /** As it was sent, without the question mark; empty when there is none. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined when the request has none. */
  readonly body: Body | undefined;
  /** The address that it came from, where that is known. */
  readonly client?: string | undefined;
  /** Who sends it. Without one everybody may do everything. */
  readonly caller?: Caller;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | Body;
}

/** The client went away, or said too much of its body's length. */
export class BrokenBodyError extends OciError {
  constructor(cause: unknown) {
    super("SIZE_INVALID", { message: "the body ended before its announced length", cause });
  }
}

/** The whole application. It never rejects. */
export type App = (request: HttpRequest) => Promise<HttpResponse>;

export function json(status: number, value: unknown, headers: HttpResponse["headers"] = {}): HttpResponse {
  const body = Buffer.from(JSON.stringify(value));
  return {
    status,
    headers: { "content-type": "application/json", "content-length": String(body.length), ...headers },
    body,
  };
}

/** An answer without a body. */
export function empty(status: number, headers: HttpResponse["headers"] = {}): HttpResponse {
  return { status, headers: { "content-length": "0", ...headers } };
}

/** A 204 must not have a length: RFC 9110, section 8.6. */
export function noContent(headers: HttpResponse["headers"]): HttpResponse {
  return { status: 204, headers };
}

/** The same answer as a HEAD gets it. */
export function withoutBody({ status, headers }: HttpResponse): HttpResponse {
  return { status, headers };
}
