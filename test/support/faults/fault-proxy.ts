import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { forward, relayResponse } from "../../../local-cloud/support/forward.ts";
import { listen } from "../../../local-cloud/support/listen.ts";
import type { Random } from "../../../local-cloud/support/random.ts";
import { type Dialect, type ErrorResponse, withUnprocessedKeys } from "./fault-responses.ts";

/**
 * Faults between the registry and a store, by time:
 * - before the store receives the request: an error response (`throttle`, `error`, `page`), a closed connection (`reset`), or
 *   a delay (`stall`);
 * - after the store has processed it: a response that is lost (`lost`), delayed (`late`), truncated within its body (`cut`), an
 *   error after a status of 200 (`failed-200`), or incomplete (`partial`);
 * - or success with a delay (`slow`).
 */
const FAULTS = [
  "throttle",
  "error",
  "page",
  "reset",
  "stall",
  "lost",
  "late",
  "cut",
  "stuck",
  "failed-200",
  "partial",
  "slow",
] as const;

/** Kind of fault. */
export type Fault = (typeof FAULTS)[number];

/** Probability of each fault for a request. */
export type Rates = Readonly<Partial<Record<Fault, number>>>;

/** Running proxy. */
export interface FaultProxy {
  readonly url: string;
  /** Rates, which may be changed at any time. */
  rates: Rates;
  /** Number of occurrences of each fault. */
  readonly counts: Map<Fault, number>;
  /** Closes all connections, like a restarted service. */
  dropConnections(): void;
  stop(): Promise<void>;
}

/** Options for `startFaultProxy`. */
export interface FaultOptions {
  readonly target: string;
  readonly dialect: Dialect;
  readonly random: Random;
  /** Duration of a stall in milliseconds, longer than the registry's timeouts. */
  readonly stall: number;
}

/** Starts a proxy of a store that injects faults. */
export async function startFaultProxy(options: FaultOptions): Promise<FaultProxy> {
  const counts = new Map<Fault, number>();
  const server = createServer((incoming, outgoing) => {
    const fault = choose(proxy.rates, options.random);
    if (fault !== undefined) counts.set(fault, (counts.get(fault) ?? 0) + 1);
    void serve(incoming, outgoing, fault, options).catch(() => outgoing.destroy());
  });
  const { url, stop } = await listen(server);
  const dropConnections = () => server.closeAllConnections();
  const proxy: FaultProxy = {
    url,
    rates: {},
    counts,
    dropConnections,
    stop,
  };
  return proxy;
}

function choose(rates: Rates, random: Random): Fault | undefined {
  let dice = random.next();
  for (const fault of FAULTS) {
    dice -= rates[fault] ?? 0;
    if (dice < 0) return fault;
  }
  return undefined;
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
  { target, dialect, random, stall }: FaultOptions,
): Promise<void> {
  switch (fault) {
    case "throttle":
    case "error":
    case "page":
      return await refuse(incoming, outgoing, dialect[fault](random, incoming));
    case "reset":
      incoming.socket.resetAndDestroy();
      return;
    case "stall":
      return await holdBack(outgoing, stall);
    case "slow":
      await sleep(random.between(50, 1000));
  }
  const response = await forward(incoming, target);
  if (fault === undefined || fault === "slow") {
    await relayResponse(response, outgoing);
    return;
  }
  await spoil(response, outgoing, fault, { dialect, incoming, stall });
}

/** Injects a fault into the response of a request that the store has processed. */
async function spoil(
  response: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault,
  { dialect, incoming, stall }: { dialect: Dialect; incoming: IncomingMessage; stall: number },
): Promise<void> {
  const body = await buffer(response);
  const status = response.statusCode ?? 502;
  switch (fault) {
    case "lost":
      incoming.socket.resetAndDestroy();
      return;
    case "late":
      return await holdBack(outgoing, stall);
    case "cut":
    case "stuck":
      outgoing.writeHead(status, response.rawHeaders);
      outgoing.write(body.subarray(0, Math.floor(body.length / 2)));
      await sleep(20);
      if (fault === "stuck") await holdBack(outgoing, stall);
      else incoming.socket.resetAndDestroy();
      return;
    case "failed-200":
      if (dialect.mayFailWith200(incoming)) return send(outgoing, dialect.failureWith200());
      break;
    case "partial":
      if (status === 200 && dialect.mayBePartial(incoming)) {
        return send(outgoing, {
          status,
          type: "application/x-amz-json-1.0",
          body: withUnprocessedKeys(body),
        });
      }
  }
  outgoing.writeHead(status, response.rawHeaders);
  outgoing.end(body);
}

/** Sends an error response after reading the body: clients read a response only after sending their body. */
async function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  refusal: ErrorResponse,
): Promise<void> {
  for await (const _ of incoming);
  send(outgoing, refusal);
}

function send(outgoing: ServerResponse, { status, type, body }: ErrorResponse): void {
  outgoing.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  outgoing.end(outgoing.req.method === "HEAD" ? undefined : body);
}

/** Sends nothing until the client closes the connection, or a time has passed. */
async function holdBack(outgoing: ServerResponse, milliseconds: number): Promise<void> {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  await sleep(milliseconds, undefined, { signal: gone.signal }).catch(() => undefined);
  outgoing.destroy();
}
