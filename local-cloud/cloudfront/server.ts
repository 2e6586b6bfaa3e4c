import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import {
  endToEndHeaders,
  flattenHeaders,
  type HeaderList,
  hasBody,
  headerListOf,
  sizeOfHead,
  withoutHeaders,
} from "../headers.ts";
import type { Stats } from "../stats.ts";
import { type ListeningServer, listen } from "../support/listen.ts";
import { type Behaviour, findBehaviour } from "./behaviours.ts";
import { createEvent, edgeRequestOf, headersOf, parseRequest, targetOf } from "./edge-event.ts";
import { EdgeFunctionError } from "./edge-function.ts";
import { ErrorCache, type StoredResponse } from "./error-cache.ts";
import { checkHeaders } from "./forbidden-headers.ts";
import { forwardToOrigin, type Origin, OriginTimeoutError } from "./origin.ts";

/**
 * Limits in bytes: "Maximum length of a request, including headers and query strings", and "Maximum length of a URL".
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const MAX_HEAD_BYTES = 20_480;
const MAX_URL_LENGTH = 8192;

/** Options for `startCloudFront`. */
export interface CloudFrontOptions {
  readonly origins: readonly Origin[];
  /** Behaviours in order of precedence. */
  readonly behaviours: readonly Behaviour[];
  /** TTL in seconds of cached error responses, by status. */
  readonly errorCaching: ReadonlyMap<number, number>;
  readonly stats: Stats;
  readonly reportProblem: (problem: string) => void;
  readonly port?: number;
}

/** Starts an emulator of a CloudFront distribution that caches only errors. */
export async function startCloudFront(options: CloudFrontOptions): Promise<ListeningServer> {
  const distribution = new Distribution(options);
  const server = createServer({ maxHeaderSize: 65_536 }, (incoming, outgoing) => {
    void distribution.serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  return await listen(server, options.port);
}

/** Request to be forwarded to an origin. */
interface ForwardedRequest {
  readonly origin: Origin;
  readonly path: string;
  readonly headers: HeaderList;
  readonly dropped: readonly string[];
}

class Distribution {
  readonly #options: CloudFrontOptions;
  readonly #errors: ErrorCache;

  constructor(options: CloudFrontOptions) {
    this.#options = options;
    this.#errors = new ErrorCache(options.errorCaching, Date.now);
  }

  /**
   * Rejects methods that the behaviour does not allow, and GET requests with a body, with 403.
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-403-invalid-method.html
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
   */
  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { url = "/", method = "GET" } = incoming;
    if (url.length > MAX_URL_LENGTH || sizeOfHead(incoming) > MAX_HEAD_BYTES)
      return this.#refuse(incoming, outgoing, 413);
    if (method === "GET" && hasBody(incoming)) return this.#refuse(incoming, outgoing, 403);
    const behaviour = findBehaviour(this.#options.behaviours, url.split("?")[0] ?? "/");
    if (!behaviour.methods.includes(method)) return this.#refuse(incoming, outgoing, 403);
    const asked = this.#atViewerRequest(incoming, behaviour);
    if (typeof asked === "number") return this.#refuse(incoming, outgoing, asked);
    const stored = this.#errors.find(method, asked.path);
    if (stored === undefined) return await this.#pass(incoming, outgoing, asked);
    sendCachedError(method, stored, outgoing);
  }

  /**
   * Runs the viewer request function.
   * @returns the status of the error response when the function fails: 503, or 502 when its result is invalid
   * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-503-service-unavailable.html
   */
  #atViewerRequest(incoming: IncomingMessage, behaviour: Behaviour): ForwardedRequest | number {
    const { url = "/" } = incoming;
    const dropped = behaviour.droppedHeaders;
    if (behaviour.viewerRequest === undefined)
      return {
        origin: this.#origin(behaviour.originId),
        path: url,
        headers: headerListOf(incoming),
        dropped,
      };
    const before = edgeRequestOf(incoming);
    try {
      const event = createEvent(before, "viewer-request", incoming.socket.remoteAddress ?? "");
      const { returned, originId = behaviour.originId } = behaviour.viewerRequest.run(event);
      const after = parseRequest(returned);
      if (after.method !== before.method) throw new Error("the method is read-only");
      checkHeaders(before.headers, after.headers);
      return {
        origin: this.#origin(originId),
        path: targetOf(after, before, url),
        headers: headersOf(after),
        dropped,
      };
    } catch (error) {
      this.#options.reportProblem(`edge function: ${String(error)}`);
      return error instanceof EdgeFunctionError ? 503 : 502;
    }
  }

  #origin(id: string): Origin {
    const origin = this.#options.origins.find((one) => one.id === id);
    if (origin === undefined) throw new EdgeFunctionError(`origin not found: ${id}`);
    return origin;
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse, asked: ForwardedRequest) {
    const { origin, path } = asked;
    const id = randomUUID();
    try {
      const response = await forwardToOrigin(incoming, { ...asked, id });
      const status = response.statusCode ?? 502;
      const headers = endToEndHeaders(headerListOf(response));
      const more = [["X-Cache", "Miss from cloudfront"] as const, ["X-Amz-Cf-Id", id] as const];
      const body = this.#errors.mustStore(incoming.method ?? "GET", status)
        ? await buffer(response)
        : undefined;
      if (body !== undefined) this.#errors.store(path, { status, headers, body });
      outgoing.writeHead(status, flattenHeaders([...headers, ...more]));
      if (body === undefined) await pipeline(response, outgoing);
      else outgoing.end(body);
    } catch (error) {
      if (outgoing.headersSent || incoming.socket.destroyed) {
        outgoing.destroy();
        return;
      }
      this.#options.reportProblem(`${incoming.method} ${incoming.url} at ${origin.id}: ${String(error)}`);
      this.#refuse(incoming, outgoing, error instanceof OriginTimeoutError ? 504 : 502);
    }
  }

  #refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
    this.#options.stats.recordRejection("CloudFront", status);
    const body = `<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY><H1>${status} ERROR</H1></BODY></HTML>\n`;
    const length = { "content-type": "text/html", "content-length": Buffer.byteLength(body) };
    outgoing.writeHead(status, { ...length, connection: "close", "x-cache": "Error from cloudfront" });
    outgoing.end(incoming.method === "HEAD" ? undefined : body);
  }
}

/** Sends a cached error response. */
function sendCachedError(
  method: string,
  { status, headers, body }: StoredResponse,
  outgoing: ServerResponse,
): void {
  const more = [
    ["Content-Length", String(body.length)] as const,
    ["X-Cache", "Error from cloudfront"] as const,
  ];
  outgoing.writeHead(status, flattenHeaders([...withoutHeaders(headers, "content-length"), ...more]));
  outgoing.end(method === "HEAD" ? undefined : body);
}
