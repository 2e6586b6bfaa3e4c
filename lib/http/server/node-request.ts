import type { IncomingMessage } from "node:http";
import type { Body } from "../../ports/body.ts";
import { type HttpRequest, IncompleteBodyError } from "../message.ts";
import type { Continuation } from "./continuation.ts";

/**
 * Returns whether a request has exactly one Host header, as HTTP/1.1 requires.
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2
 */
export function hasOneHost({ headersDistinct, httpVersion }: IncomingMessage): boolean {
  const hosts = headersDistinct["host"]?.length ?? 0;
  return hosts === 1 || (hosts === 0 && httpVersion !== "1.1");
}

/**
 * The origin in an absolute-form request target, which proxies send and servers must accept.
 * @see https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2.2
 */
const ORIGIN_PATTERN = /^https?:\/\/[^/?]*/i;

/** Converts a Node request. */
export function toRequest(incoming: IncomingMessage, continuation: Continuation): HttpRequest {
  const { method = "GET", url = "/", headers } = incoming;
  const target = url.startsWith("/") ? url : url.replace(ORIGIN_PATTERN, "");
  const queryStart = target.indexOf("?");
  return {
    method,
    path: queryStart === -1 ? target : target.slice(0, queryStart),
    query: queryStart === -1 ? "" : target.slice(queryStart + 1),
    headers: headers as HttpRequest["headers"],
    body: hasBody(incoming) ? bodyOf(incoming, continuation) : undefined,
    client: incoming.socket.remoteAddress,
  };
}

/** Creates a body that leaves the connection open when a consumer stops early, so that a response can still be sent. */
async function* bodyOf(incoming: IncomingMessage, continuation: Continuation): Body {
  continuation.send();
  try {
    yield* { [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }) };
  } catch (error) {
    // MUST: "The `Content-Length` header MUST match the blob's actual content length."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#single-post
    throw new IncompleteBodyError(error);
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}
