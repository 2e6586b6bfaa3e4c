import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { collectUpTo } from "../../lib/ports/body.ts";
import {
  endToEndHeaders,
  flattenHeaders,
  type HeaderList,
  headerListOf,
  sizeOfHead,
  withoutHeaders,
} from "../headers.ts";
import { InvocationRefusedError } from "../lambda/function.ts";
import { sendError } from "../send-error.ts";
import type { Stats } from "../stats.ts";
import { type ListeningServer, listen } from "../support/listen.ts";
import { type Rate, TokenBucket } from "../token-bucket.ts";
import { createEvent } from "./event.ts";
import { applyMapping, checkMapping, type ParameterMapping } from "./mapping.ts";
import { parseFunctionResponse, responseHeaders } from "./response.ts";
import { type ApiRoute, findRoute } from "./routes.ts";

/**
 * Quotas of HTTP APIs: "Payload size 10 MB", "Total combined size of request line and header values 10240 bytes".
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const MAX_HEAD_BYTES = 10_240;

/** Function that a route invokes. */
export interface Integration {
  readonly target: { invoke(event: string): Promise<string> };
  readonly mapping: ParameterMapping;
  /** Time limit in milliseconds, at most 30 seconds. */
  readonly timeout: number;
}

/** Options for `startApiGateway`. */
export interface ApiOptions {
  readonly apiId: string;
  readonly domainName: string;
  readonly routes: readonly ApiRoute<Integration>[];
  /** Throttle of the stage; undefined for none. */
  readonly throttle: Rate | undefined;
  readonly isHarsh: boolean;
  readonly stats: Stats;
  readonly port?: number;
}

/** Starts an emulator of an API Gateway HTTP API. */
export async function startApiGateway(options: ApiOptions): Promise<ListeningServer> {
  for (const { integration } of options.routes) checkMapping(integration.mapping);
  const gateway = new Gateway(options);
  const server = createServer({ maxHeaderSize: 65_536 }, (incoming, outgoing) => {
    void gateway.serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // It is undocumented whether API Gateway answers `Expect: 100-continue` before the body arrives.
  server.on("checkContinue", (incoming, outgoing) => {
    if (!options.isHarsh) outgoing.writeContinue();
    server.emit("request", incoming, outgoing);
  });
  return await listen(server, options.port);
}

class Gateway {
  readonly #options: ApiOptions;
  readonly #bucket: TokenBucket | undefined;
  #requests = 0;

  constructor(options: ApiOptions) {
    this.#options = options;
    const { throttle } = options;
    this.#bucket = throttle && new TokenBucket(throttle, () => performance.now());
  }

  /**
   * Throttles with 429 before anything else. AWS throttles per route, "on a best-effort basis"; here all routes share a bucket.
   * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html
   */
  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (this.#bucket?.take() === false) return await this.#refuse(incoming, outgoing, 429, MESSAGES[429]);
    if (sizeOfHead(incoming) > MAX_HEAD_BYTES)
      return await this.#refuse(incoming, outgoing, 431, "Request Header Fields Too Large");
    const body = await readBody(incoming);
    if (body === undefined) return await this.#refuse(incoming, outgoing, 413, "Request Entity Too Large");
    const { method = "GET", url = "/" } = incoming;
    const route = findRoute(this.#options.routes, method, url.split("?")[0] ?? "/");
    if (route === undefined) return await this.#refuse(incoming, outgoing, 404, "Not Found");
    const { key: routeKey, pathParameters, integration } = route;
    const event = this.#event(incoming, body, { routeKey, pathParameters, mapping: integration.mapping });
    const ended = await withTimeout(integration.timeout, integration.target.invoke(event));
    await this.#respond(incoming, outgoing, ended);
  }

  #event(
    incoming: IncomingMessage,
    body: Buffer,
    route: {
      routeKey: string;
      pathParameters: Readonly<Record<string, string>>;
      mapping: ParameterMapping;
    },
  ): string {
    const { apiId, domainName, isHarsh } = this.#options;
    // In harsh mode, undocumented behaviours alternate between requests.
    const isAlternate = isHarsh && this.#requests++ % 2 === 1;
    const { routeKey, pathParameters, mapping } = route;
    const headers = applyMapping(receivedHeaders(incoming), mapping);
    const unknown = { decodesPath: isAlternate, suffixIsText: isAlternate };
    const input = { incoming, headers, body, routeKey, pathParameters, apiId, domainName, ...unknown };
    return JSON.stringify(createEvent(input));
  }

  async #respond(incoming: IncomingMessage, outgoing: ServerResponse, ended: Outcome): Promise<void> {
    if (ended.kind === "late") return await this.#refuse(incoming, outgoing, 503, "Service Unavailable");
    if (ended.kind === "failed") {
      const { error } = ended;
      const status = error instanceof InvocationRefusedError ? error.status : 500;
      return await this.#refuse(incoming, outgoing, status, MESSAGES[status]);
    }
    const response = parseFunctionResponse(ended.payload);
    if (response === undefined) return await this.#refuse(incoming, outgoing, 500, MESSAGES[500]);
    const { method = "GET" } = incoming;
    const headers = responseHeaders(method, response, this.#options.isHarsh);
    outgoing.writeHead(response.status, flattenHeaders([...headers, ["Apigw-Requestid", requestId()]]));
    outgoing.end(method === "HEAD" ? undefined : response.body);
  }

  async #refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number, message: string) {
    this.#options.stats.recordRejection("API Gateway", status);
    await sendError(incoming, outgoing, status, message, { "apigw-requestid": requestId() });
  }
}

const MESSAGES = {
  413: "Request Entity Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
} as const;

/** Returns the headers that a function receives. */
function receivedHeaders(incoming: IncomingMessage): HeaderList {
  return [
    ...withoutHeaders(endToEndHeaders(headerListOf(incoming)), "expect"),
    ["X-Forwarded-For", incoming.socket.remoteAddress ?? ""],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-Port", "443"],
    ["X-Amzn-Trace-Id", `Root=1-${randomUUID()}`],
  ];
}

/** Reads the body. @returns undefined when it exceeds the limit */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > MAX_BODY_BYTES) return undefined;
  const body = { [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }) };
  return await collectUpTo(MAX_BODY_BYTES, body);
}

type Outcome =
  | { readonly kind: "response"; readonly payload: string }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "late" };

/** Awaits an invocation with a time limit. The function itself continues after API Gateway has timed out. */
async function withTimeout(milliseconds: number, invocation: Promise<string>): Promise<Outcome> {
  const done = new AbortController();
  const late = new Promise<Outcome>((resolve) => {
    const timer = setTimeout(() => resolve({ kind: "late" }), milliseconds);
    done.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const ended = invocation.then(
    (payload): Outcome => ({ kind: "response", payload }),
    (error: unknown): Outcome => ({ kind: "failed", error }),
  );
  return await Promise.race([late, ended]).finally(() => done.abort());
}

function requestId(): string {
  return `${randomUUID().replaceAll("-", "").slice(0, 15)}=`;
}
