import { type IncomingHttpHeaders, Agent as PlainAgent, request as plainRequest } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { connect as plainConnect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { connect as secureConnect } from "node:tls";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with a Content-Length; none at all without it, but for methods that want a body. */
  readonly body?: Uint8Array | string;
  /** Sent with chunked transfer encoding, instead of `body`. */
  readonly chunks?: readonly Uint8Array[];
}

/** An HTTP client that sends paths and headers as they are given: no normalising, escaping or following. */
export class Client {
  readonly url: URL;
  readonly #agent: PlainAgent;

  constructor(url: string) {
    this.url = new URL(url);
    this.#agent = isSecure(this.url)
      ? new SecureAgent({ keepAlive: true })
      : new PlainAgent({ keepAlive: true });
  }

  /** @param path with its query, or the whole of a `Location` */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const make = isSecure(this.url) ? secureRequest : plainRequest;
    const { hostname: host, port } = this.url;
    return await new Promise((resolve, reject) => {
      const request = make({ host, port, method, path, agent: this.#agent, headers: headersOf(options) });
      // A server may answer and close before it has the whole body: the answer counts then, not the broken pipe.
      let answered = false;
      request.on("error", (error) => answered || reject(error));
      request.on("response", (response) => {
        answered = true;
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

  get(path: string, headers: RequestOptions["headers"] = {}): Promise<Answer> {
    return this.send("GET", path, { headers });
  }

  head(path: string, headers: RequestOptions["headers"] = {}): Promise<Answer> {
    return this.send("HEAD", path, { headers });
  }

  /** A GET as real clients do it: one redirect is followed, and what the registry itself said of the digest counts. */
  async pull(
    path: string,
    headers: RequestOptions["headers"] = {},
  ): Promise<Answer & { isRedirected: boolean }> {
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

  delete(path: string): Promise<Answer> {
    return this.send("DELETE", path);
  }

  post(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.send("POST", path, { body: "", ...options });
  }

  put(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.send("PUT", path, { body: "", ...options });
  }

  patch(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.send("PATCH", path, { body: "", ...options });
  }

  /** A bare connection, for bytes that no HTTP library sends. */
  connect(): Socket {
    const host = this.url.hostname;
    return isSecure(this.url)
      ? secureConnect({ host, port: Number(this.url.port || 443), servername: host })
      : plainConnect({ host, port: Number(this.url.port || 80) });
  }

  /**
   * Sends bytes on a connection of their own and reads until the server closes it.
   * @param end whether to close this side after the bytes, as a client does that was cut off
   * @returns all that came back: nothing, or one answer or more
   */
  async exchange(bytes: string, { end = false } = {}): Promise<string> {
    const socket = this.connect();
    socket.setTimeout(5000, () => socket.destroy(new Error("the server neither answered nor closed")));
    if (end) socket.end(bytes, "latin1");
    else socket.write(bytes, "latin1");
    return await text(socket.setEncoding("latin1"));
  }

  /** Closes idle connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** Takes apart what `exchange` has returned. @throws when it is not exactly one HTTP answer */
export function parseAnswer(exchanged: string): Answer {
  const end = exchanged.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = exchanged.slice(0, end).split("\r\n");
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1];
  if (end === -1 || status === undefined) throw new Error(`not an HTTP answer: ${JSON.stringify(exchanged)}`);
  const headers = Object.fromEntries(lines.map(splitHeader));
  const body = Buffer.from(exchanged.slice(end + 4), "latin1");
  if (headers["content-length"] !== undefined && Number(headers["content-length"]) !== body.length) {
    throw new Error(`more or less than one answer: ${JSON.stringify(exchanged)}`);
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
