import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { collectUpTo } from "../../lib/ports/body.ts";
import { refuse } from "../answers.ts";
import { endToEnd, flat, type HeaderList, listOf, sizeOfHead, without } from "../headers.ts";
import { InvocationRefusedError } from "../lambda/function.ts";
import type { Stats } from "../stats.ts";
import { type Listening, listen } from "../support/listen.ts";
import { answerOf, headersFor } from "./answer.ts";
import { eventOf } from "./event.ts";
import { checkMapping, mapped, type ParameterMapping } from "./mapping.ts";
import { type ApiRoute, findRoute } from "./routes.ts";

/**
 * Quotas of HTTP APIs: "Payload size 10 MB", "Total combined size of request line and header values 10240 bytes".
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MAX_BODY = 10 * 1024 * 1024;
const MAX_HEAD = 10_240;

export interface Integration {
  readonly target: { invoke(event: string): Promise<string> };
  readonly mapping: ParameterMapping;
  /** Milliseconds; at most 30 seconds. */
  readonly timeout: number;
}

export interface ApiOptions {
  readonly apiId: string;
  readonly domainName: string;
  readonly routes: readonly ApiRoute<Integration>[];
  readonly isHarsh: boolean;
  readonly stats: Stats;
  readonly port?: number;
}

/** Stands in for an API Gateway HTTP API. */
export async function startApiGateway(options: ApiOptions): Promise<Listening> {
  for (const { integration } of options.routes) checkMapping(integration.mapping);
  const gateway = new Gateway(options);
  const server = createServer({ maxHeaderSize: 65_536 }, (incoming, outgoing) => {
    void gateway.serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Whether a client that asks may go on before it has sent its body is told so is not known.
  server.on("checkContinue", (incoming, outgoing) => {
    if (!options.isHarsh) outgoing.writeContinue();
    server.emit("request", incoming, outgoing);
  });
  return await listen(server, options.port);
}

class Gateway {
  readonly #options: ApiOptions;
  #requests = 0;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (sizeOfHead(incoming) > MAX_HEAD)
      return await this.#refuse(incoming, outgoing, 431, "Request Header Fields Too Large");
    const body = await read(incoming);
    if (body === undefined) return await this.#refuse(incoming, outgoing, 413, "Request Entity Too Large");
    const { method = "GET", url = "/" } = incoming;
    const route = findRoute(this.#options.routes, method, url.split("?")[0] ?? "/");
    if (route === undefined) return await this.#refuse(incoming, outgoing, 404, "Not Found");
    const { key: routeKey, pathParameters, integration } = route;
    const event = this.#event(incoming, body, { routeKey, pathParameters, mapping: integration.mapping });
    const ended = await within(integration.timeout, integration.target.invoke(event));
    await this.#answer(incoming, outgoing, ended);
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
    // In harsh mode one request is treated so, and the next otherwise.
    const isOdd = isHarsh && this.#requests++ % 2 === 1;
    const { routeKey, pathParameters, mapping } = route;
    const headers = mapped(received(incoming), mapping);
    const unknown = { decodesPath: isOdd, suffixIsText: isOdd };
    const input = { incoming, headers, body, routeKey, pathParameters, apiId, domainName, ...unknown };
    return JSON.stringify(eventOf(input));
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse, ended: Ended): Promise<void> {
    if (ended.kind === "late") return await this.#refuse(incoming, outgoing, 503, "Service Unavailable");
    if (ended.kind === "failed") {
      const { error } = ended;
      const status = error instanceof InvocationRefusedError ? error.status : 500;
      return await this.#refuse(incoming, outgoing, status, MESSAGES[status]);
    }
    const answer = answerOf(ended.payload);
    if (answer === undefined) return await this.#refuse(incoming, outgoing, 500, MESSAGES[500]);
    const { method = "GET" } = incoming;
    const headers = headersFor(method, answer, this.#options.isHarsh);
    outgoing.writeHead(answer.status, flat([...headers, ["Apigw-Requestid", requestId()]]));
    outgoing.end(method === "HEAD" ? undefined : answer.body);
  }

  async #refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number, message: string) {
    this.#options.stats.refused("API Gateway", status);
    await refuse(incoming, outgoing, status, message, { "apigw-requestid": requestId() });
  }
}

const MESSAGES = {
  413: "Request Entity Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
} as const;

/** What a function gets of a request's headers. */
function received(incoming: IncomingMessage): HeaderList {
  return [
    ...without(endToEnd(listOf(incoming)), "expect"),
    ["X-Forwarded-For", incoming.socket.remoteAddress ?? ""],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-Port", "443"],
    ["X-Amzn-Trace-Id", `Root=1-${randomUUID()}`],
  ];
}

/** @returns undefined when there is more than may be sent */
async function read(incoming: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > MAX_BODY) return undefined;
  const body = { [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }) };
  return await collectUpTo(MAX_BODY, body);
}

type Ended =
  | { readonly kind: "answered"; readonly payload: string }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "late" };

/** The function itself goes on when its time with API Gateway is over. */
async function within(milliseconds: number, invocation: Promise<string>): Promise<Ended> {
  const done = new AbortController();
  const late = new Promise<Ended>((resolve) => {
    const timer = setTimeout(() => resolve({ kind: "late" }), milliseconds);
    done.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  const ended = invocation.then(
    (payload): Ended => ({ kind: "answered", payload }),
    (error: unknown): Ended => ({ kind: "failed", error }),
  );
  return await Promise.race([late, ended]).finally(() => done.abort());
}

function requestId(): string {
  return `${randomUUID().replaceAll("-", "").slice(0, 15)}=`;
}
