import { type IncomingHttpHeaders, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { connect as plainConnect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect as secureConnect } from "node:tls";

/** Complete HTTP response. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Headers and body of a request. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Body sent with a Content-Length; by default no body, except for methods that require one. */
  readonly body?: Uint8Array | string;
  /** Body sent with chunked transfer encoding, in place of `body`. */
  readonly chunks?: readonly Uint8Array[];
}

/** HTTP client that sends paths and headers unchanged: it does not normalize, escape or follow redirects. */
export class Client {
  readonly url: URL;
  readonly #agent: PlainAgent;

  constructor(url: string) {
    this.url = new URL(url);
    this.#agent = isSecure(this.url)
      ? new SecureAgent({ keepAlive: true })
      : new PlainAgent({ keepAlive: true });
  }

  /** Sends a request. @param path path with query, or a complete `Location` */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<ReceivedResponse> {
    const make = isSecure(this.url) ? secureRequest : plainRequest;
    const { hostname: host, port } = this.url;
    return await new Promise((resolve, reject) => {
      const request = make({ host, port, method, path, agent: this.#agent, headers: headersOf(options) });
      // A server may respond and close the connection before it has the whole body: the response takes precedence over the error.
      let responded = false;
      request.on("error", (error) => responded || reject(error));
      request.on("response", (response) => {
        responded = true;
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          });
        });
      });
      for (const chunk of options.chunks ?? []) request.write(chunk);
      request.end(options.body);
    });
  }

  get(path: string, headers: RequestOptions["headers"] = {}): Promise<ReceivedResponse> {
    return this.send("GET", path, { headers });
  }

  head(path: string, headers: RequestOptions["headers"] = {}): Promise<ReceivedResponse> {
    return this.send("HEAD", path, { headers });
  }

  /** Sends a GET like real clients: follows one redirect, and keeps the registry's own digest header. */
  async pull(
    path: string,
    headers: RequestOptions["headers"] = {},
  ): Promise<ReceivedResponse & { isRedirected: boolean }> {
    const first = await this.get(path, headers);
    if (first.status !== 307) return { ...first, isRedirected: false };
    const target = new URL(first.headers.location ?? "", this.url);
    const storage = new Client(target.origin);
    try {
      const last = await storage.get(`${target.pathname}${target.search}`, headers);
      const digest = first.headers["docker-content-digest"];
      return { ...last, headers: { ...last.headers, "docker-content-digest": digest }, isRedirected: true };
    } finally {
      storage.close();
    }
  }

  delete(path: string): Promise<ReceivedResponse> {
    return this.send("DELETE", path);
  }

  post(path: string, options: RequestOptions = {}): Promise<ReceivedResponse> {
    return this.send("POST", path, { body: "", ...options });
  }

  put(path: string, options: RequestOptions = {}): Promise<ReceivedResponse> {
    return this.send("PUT", path, { body: "", ...options });
  }

  patch(path: string, options: RequestOptions = {}): Promise<ReceivedResponse> {
    return this.send("PATCH", path, { body: "", ...options });
  }

  /** Opens a connection for bytes that no HTTP library sends. */
  connect(): Socket {
    const host = this.url.hostname;
    return isSecure(this.url)
      ? secureConnect({ host, port: Number(this.url.port || 443), servername: host })
      : plainConnect({ host, port: Number(this.url.port || 80) });
  }

  /**
   * Sends bytes on a new connection and reads until the server closes it.
   * @param end whether to half-close the connection after the bytes, like an interrupted client
   * @returns all received bytes: none, or one or more responses
   */
  async exchange(bytes: string, { end = false } = {}): Promise<string> {
    const socket = this.connect();
    socket.setTimeout(5000, () =>
      socket.destroy(new Error("the server neither responded nor closed the connection")),
    );
    if (end) socket.end(bytes, "latin1");
    else socket.write(bytes, "latin1");
    return await text(socket.setEncoding("latin1"));
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** Parses the result of `exchange`. @throws Error when it is not exactly one HTTP response */
export function parseResponse(exchanged: string): ReceivedResponse {
  const end = exchanged.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = exchanged.slice(0, end).split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1];
  if (end === -1 || status === undefined)
    throw new Error(`not an HTTP response: ${JSON.stringify(exchanged)}`);
  const headers = Object.fromEntries(lines.map(splitHeader));
  const body = Buffer.from(exchanged.slice(end + 4), "latin1");
  if (headers["content-length"] !== undefined && Number(headers["content-length"]) !== body.length) {
    throw new Error(`not exactly one response: ${JSON.stringify(exchanged)}`);
  }
  return { status: Number(status), headers, body };
}

function splitHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function headersOf({ headers = {}, body, chunks }: RequestOptions): Record<string, string> {
  if (chunks !== undefined) return { "transfer-encoding": "chunked", ...headers };
  return body === undefined
    ? { ...headers }
    : { "content-length": String(Buffer.byteLength(body)), ...headers };
}

function isSecure(url: URL): boolean {
  return url.protocol === "https:";
}
