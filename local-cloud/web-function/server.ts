import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Chaos } from "../chaos.ts";
import { endToEndHeaders, flattenHeaders, headerListOf } from "../headers.ts";
import { sendError } from "../send-error.ts";
import type { FunctionStats, Stats } from "../stats.ts";
import { type ListeningServer, listen } from "../support/listen.ts";
import { TokenBucket } from "../token-bucket.ts";
import type { WebEnvironment } from "./environment.ts";
import { EarlyResponseError, exchange } from "./exchange.ts";
import { Pool, type PoolOptions } from "./pool.ts";

/** Options for `startWebFunction`. */
export interface WebFunctionOptions extends PoolOptions {
  /** Hostname of the endpoint, to which CloudFront sends its requests. */
  readonly domainName: string;
  /** Time limit for a complete request in seconds. */
  readonly timeout: number;
  /** Maximum number of requests per second; undefined for no limit. */
  readonly rateLimit: number | undefined;
  /** Returns monotonic time in milliseconds. @default performance.now */
  readonly now?: () => number;
  readonly chaos: Chaos;
  readonly allStats: Stats;
  readonly reportProblem: (problem: string) => void;
}

/** A running emulator. */
export interface WebFunction extends ListeningServer {
  readonly pids: () => readonly number[];
}

/** Milliseconds after which a disconnected client or an exited environment has been detected. */
const DETECTION_DELAY_MILLISECONDS = 100;

/** Maximum size of request line and headers in bytes; for larger requests, the connection is closed. */
const MAX_HEAD_BYTES = 65_536;

/**
 * Starts an emulator of a Lambda Web Function's endpoint.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-http.html
 */
export async function startWebFunction(options: WebFunctionOptions): Promise<WebFunction> {
  const pool = new Pool(options);
  const endpoint = new Endpoint(options, pool);
  const server = createServer({ maxHeaderSize: MAX_HEAD_BYTES }, (incoming, outgoing) => {
    void endpoint.serve(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const refuseExpectation = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    options.allStats.recordRejection("Web Function", 417);
    void sendError(incoming, outgoing, 417, "Expectation Failed").catch(() => outgoing.destroy());
  };
  server.on("checkContinue", refuseExpectation);
  server.on("checkExpectation", refuseExpectation);
  const listening = await listen(server);
  const stop = async () => {
    await listening.stop();
    await pool.stop();
  };
  return { ...listening, stop, pids: () => pool.pids };
}

class Endpoint {
  readonly #options: WebFunctionOptions;
  readonly #pool: Pool;
  readonly #bucket: TokenBucket | undefined;

  constructor(options: WebFunctionOptions, pool: Pool) {
    this.#options = options;
    this.#pool = pool;
    const { rateLimit: rate, now = () => performance.now() } = options;
    // AWS's documentation does not state a burst.
    this.#bucket = rate === undefined ? undefined : new TokenBucket({ rate, burst: rate }, now);
  }

  get #stats(): FunctionStats {
    return this.#options.stats;
  }

  /**
   * Throttles above the rate limit, and when all environments are occupied. The status is undocumented; 429 is assumed.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-scaling.html
   */
  async serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (!this.#isAddressed(incoming)) return await this.#refuse(incoming, outgoing, 404, "Not Found");
    if (this.#bucket?.take() === false) return await this.#throttle(incoming, outgoing);
    const environment = await this.#pool.acquire().catch((error: unknown) => String(error));
    if (environment === undefined) return await this.#throttle(incoming, outgoing);
    if (typeof environment === "string") {
      this.#options.reportProblem(environment);
      return await this.#refuse(incoming, outgoing, 503, "Service Unavailable");
    }
    this.#stats.invocations++;
    const begun = performance.now();
    try {
      await this.#passWithTimeout(incoming, outgoing, environment);
    } finally {
      this.#stats.billedMs += Math.ceil(performance.now() - begun);
      this.#pool.release(environment);
    }
  }

  /** Returns whether `Host` is the endpoint's hostname, by which Lambda routes, or its address on this machine. */
  #isAddressed({ headers: { host }, socket }: IncomingMessage): boolean {
    return host === this.#options.domainName || host === `127.0.0.1:${socket.localPort}`;
  }

  async #throttle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#stats.throttled++;
    await this.#refuse(incoming, outgoing, 429, "Too Many Requests");
  }

  async #passWithTimeout(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    environment: WebEnvironment,
  ): Promise<void> {
    const end = AbortSignal.timeout(this.#options.timeout * 1000);
    const kill = () => {
      this.#stats.killed++;
      environment.kill();
    };
    const cancelFault = this.#options.chaos.scheduleFault(kill, () => this.#shutDown(environment));
    try {
      await this.#pass(incoming, outgoing, environment, end);
    } catch (error) {
      if (end.aborted) {
        this.#stats.timeouts++;
        return await this.#refuse(incoming, outgoing, 504, "Gateway Timeout");
      }
      this.#stats.failures++;
      if (incoming.socket.destroyed) return;
      this.#options.reportProblem(`${incoming.method} ${incoming.url}: ${String(error)}`);
      await this.#refuse(incoming, outgoing, 502, "Bad Gateway");
    } finally {
      cancelFault();
    }
  }

  async #pass(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    environment: WebEnvironment,
    end: AbortSignal,
  ): Promise<void> {
    const onUpload = () => {
      if (this.#options.chaos.takeCut()) this.#shutDown(environment);
    };
    const response = await exchange(incoming, environment, { abort: end, onUpload }).catch(
      async (error: unknown) => {
        if (error instanceof EarlyResponseError && !end.aborted) await this.#hang(incoming, environment, end);
        throw error;
      },
    );
    const headers = [
      ...endToEndHeaders(headerListOf(response)),
      ["lambda-web-request-id", randomUUID()] as const,
    ];
    outgoing.writeHead(response.statusCode ?? 502, flattenHeaders(headers));
    await pipeline(response, outgoing);
  }

  #shutDown(environment: WebEnvironment): void {
    this.#stats.shutDown++;
    environment.shutDown();
  }

  /** Blocks until the time limit, or until the client or the environment is gone: requests with an early response hang. */
  async #hang(incoming: IncomingMessage, environment: WebEnvironment, end: AbortSignal): Promise<void> {
    await sleep(DETECTION_DELAY_MILLISECONDS);
    if (incoming.socket.destroyed || !environment.isAlive) return;
    this.#stats.early++;
    this.#options.reportProblem(
      `${incoming.method} ${incoming.url} hangs: the function responded before it had read the body`,
    );
    if (!end.aborted) await once(end, "abort");
  }

  async #refuse(incoming: IncomingMessage, outgoing: ServerResponse, status: number, message: string) {
    this.#options.allStats.recordRejection("Web Function", status);
    await sendError(incoming, outgoing, status, message);
  }
}
