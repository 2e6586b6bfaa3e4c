import { once } from "node:events";
import { type Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { ClientError } from "./client-error.ts";
import type { Answer, Outgoing } from "./message.ts";

export interface Line {
  readonly agent: Agent;
  readonly userAgent: string;
  /** Seconds without a byte in either direction after which nothing more is expected. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Sends one request, whether its answer waits for the request's body or not.
 * @throws ClientError with NO_ANSWER
 */
export async function exchange(outgoing: Outgoing, line: Line): Promise<Answer> {
  try {
    return await attempt(outgoing, line);
  } catch (error) {
    // A kept connection may be closed by the other side in the very moment in which it is used again.
    if (!(error instanceof ClientError && error.cause instanceof StaleConnection)) throw error;
    return await attempt(outgoing, line);
  }
}

class StaleConnection extends Error {}

async function attempt(outgoing: Outgoing, line: Line): Promise<Answer> {
  const request = open(outgoing, line);
  const progress = { sent: 0, answered: false };
  try {
    return await new Promise<Answer>((resolve, reject) => {
      request.once("response", (response: IncomingMessage) => {
        progress.answered = true;
        resolve(read(outgoing, response));
      });
      request.on("error", reject);
      send(request, outgoing, progress).catch(reject);
    });
  } catch (error) {
    if (line.signal.aborted) throw error;
    const [reason, sentBytes] = [codeOf(error), progress.sent];
    const isStale = request.reusedSocket && sentBytes === 0 && reason === "ECONNRESET";
    const cause = isStale ? new StaleConnection() : error;
    throw new ClientError({ code: "NO_ANSWER", reason, sentBytes }, { cause });
  } finally {
    if (!request.writableFinished) request.destroy();
  }
}

function open(
  { method, url, headers, body }: Outgoing,
  { agent, userAgent, timeout, signal }: Line,
): ClientRequest {
  const length = body?.size === undefined ? {} : { "content-length": String(body.size) };
  const empty = body === undefined && /^(POST|PUT|PATCH)$/.test(method) ? { "content-length": "0" } : {};
  const framing = body !== undefined && body.size === undefined ? { "transfer-encoding": "chunked" } : {};
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method,
    headers: { "user-agent": userAgent, ...length, ...empty, ...framing, ...headers },
    agent,
    signal,
  });
  request.setTimeout(timeout * 1000, () => request.destroy(new TimedOut()));
  return request;
}

class TimedOut extends Error {
  readonly code = "ETIMEDOUT";
}

async function send(
  request: ClientRequest,
  { body, headers, onSent }: Outgoing,
  progress: { sent: number; answered: boolean },
): Promise<void> {
  if (headers?.["expect"] !== undefined && !(await mayContinue(request))) return;
  for await (const chunk of body?.chunks() ?? []) {
    if (progress.answered || request.destroyed) return;
    if (!request.write(chunk)) await writable(request);
    progress.sent += chunk.length;
    onSent?.(progress.sent);
  }
  request.end();
}

/** Like curl: the body follows after 100, or after a second without any answer. */
async function mayContinue(request: ClientRequest): Promise<boolean> {
  request.flushHeaders();
  return await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(true), 1000);
    const decide = (go: boolean) => () => {
      clearTimeout(timer);
      resolve(go);
    };
    request.once("continue", decide(true)).once("response", decide(false)).once("close", decide(false));
  });
}

async function writable(request: ClientRequest): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const events = ["drain", "response", "close"].map((event) => once(request, event, { signal }));
  await Promise.race(events).finally(() => over.abort());
  await Promise.allSettled(events);
}

/** More of a body than any check looks at is not kept. */
const KEPT_BYTES = 8 * 1024 * 1024;

async function read({ method, sink }: Outgoing, response: IncomingMessage): Promise<Answer> {
  const { statusCode = 0, statusMessage = "", headers } = response;
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of response) {
    if (sink !== undefined && statusCode < 300) sink(chunk);
    else if (kept < KEPT_BYTES) chunks.push(chunk);
    kept += chunk.length;
  }
  const joined = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  const body = Buffer.concat(chunks);
  return { method, status: statusCode, reason: statusMessage, headers: Object.fromEntries(joined), body };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error ? String(error.code) : error.message;
}
