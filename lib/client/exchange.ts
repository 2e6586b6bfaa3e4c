import { once } from "node:events";
import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { ClientError } from "./client-error.ts";
import type { RegistryRequest, RegistryResponse } from "./message.ts";

/** Connection settings of a request. */
export interface ExchangeOptions {
  readonly agent: Agent;
  readonly userAgent: string;
  /** Idle timeout in seconds: the maximum time without a byte in either direction. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Sends a request and reads its response, which may arrive before the request's body is fully sent.
 * @throws ClientError with NO_RESPONSE
 */
export async function exchange(
  outgoing: RegistryRequest,
  options: ExchangeOptions,
): Promise<RegistryResponse> {
  try {
    return await attempt(outgoing, options);
  } catch (error) {
    // A keep-alive connection can be closed by the server while the client starts to reuse it: retry once.
    if (!(error instanceof ClientError && error.cause instanceof StaleConnectionError)) throw error;
    return await attempt(outgoing, options);
  }
}

class StaleConnectionError extends Error {}

async function attempt(outgoing: RegistryRequest, options: ExchangeOptions): Promise<RegistryResponse> {
  const request = createRequest(outgoing, options);
  const progress = { sentBytes: 0, hasResponse: false };
  try {
    return await new Promise<RegistryResponse>((resolve, reject) => {
      request.once("response", (response: IncomingMessage) => {
        progress.hasResponse = true;
        resolve(readResponse(outgoing, response));
      });
      request.on("error", reject);
      sendBody(request, outgoing, progress).catch(reject);
    });
  } catch (error) {
    if (options.signal.aborted) throw error;
    const [reason, sentBytes] = [codeOf(error), progress.sentBytes];
    const isStale = request.reusedSocket && sentBytes === 0 && reason === "ECONNRESET";
    const cause = isStale ? new StaleConnectionError() : error;
    throw new ClientError({ code: "NO_RESPONSE", reason, sentBytes }, { cause });
  } finally {
    if (!request.writableFinished) request.destroy();
  }
}

function createRequest(
  { method, url, headers, body }: RegistryRequest,
  { agent, userAgent, timeout, signal }: ExchangeOptions,
): ClientRequest {
  const lengthHeaders = body?.size === undefined ? {} : { "content-length": String(body.size) };
  const emptyBodyHeaders =
    body === undefined && /^(POST|PUT|PATCH)$/.test(method) ? { "content-length": "0" } : {};
  const chunkedHeaders =
    body !== undefined && body.size === undefined ? { "transfer-encoding": "chunked" } : {};
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method,
    headers: {
      "user-agent": userAgent,
      ...lengthHeaders,
      ...emptyBodyHeaders,
      ...chunkedHeaders,
      ...headers,
    },
    agent,
    signal,
  });
  request.setTimeout(timeout * 1000, () => request.destroy(new IdleTimeoutError()));
  return request;
}

class IdleTimeoutError extends Error {
  readonly code = "ETIMEDOUT";
}

async function sendBody(
  request: ClientRequest,
  { body, headers, onSent }: RegistryRequest,
  progress: { sentBytes: number; hasResponse: boolean },
): Promise<void> {
  if (headers?.["expect"] !== undefined && !(await canSendBody(request))) return;
  for await (const chunk of body?.chunks() ?? []) {
    if (progress.hasResponse || request.destroyed) return;
    if (!request.write(chunk)) await waitUntilWritable(request);
    progress.sentBytes += chunk.length;
    onSent?.(progress.sentBytes);
  }
  request.end();
}

/** Resolves to true on 100 Continue, or after one second without a response, as curl does. */
async function canSendBody(request: ClientRequest): Promise<boolean> {
  request.flushHeaders();
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), 1000);
    const decide = (canSend: boolean) => () => {
      clearTimeout(timer);
      resolve(canSend);
    };
    request.once("continue", decide(true)).once("response", decide(false)).once("close", decide(false));
  });
}

/** Resolves once the send buffer is drained, a response arrives or the connection is closed. */
async function waitUntilWritable(request: ClientRequest): Promise<void> {
  const listening = new AbortController();
  const { signal } = listening;
  const events = ["drain", "response", "close"].map((event) => once(request, event, { signal }));
  await Promise.race(events).finally(() => listening.abort());
  await Promise.allSettled(events);
}

/** Maximum number of response body bytes to buffer, in whole chunks; the rest is discarded. */
const MAX_BUFFERED_BYTES = 8 * 1024 * 1024;

async function readResponse(
  { method, sink }: RegistryRequest,
  response: IncomingMessage,
): Promise<RegistryResponse> {
  const { statusCode = 0, statusMessage = "", headers } = response;
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  for await (const chunk of response) {
    if (sink !== undefined && statusCode < 300) sink(chunk);
    else if (receivedBytes < MAX_BUFFERED_BYTES) chunks.push(chunk);
    receivedBytes += chunk.length;
  }
  const headerEntries = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  const body = Buffer.concat(chunks);
  return {
    method,
    status: statusCode,
    reason: statusMessage,
    headers: Object.fromEntries(headerEntries),
    body,
  };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? String(error.code) : error.message;
}
