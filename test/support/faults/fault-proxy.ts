import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { forward, passOn } from "../../../local-cloud/support/forward.ts";
import { listen } from "../../../local-cloud/support/listen.ts";
import type { Random } from "../../../local-cloud/support/random.ts";
import { type Dialect, type Refusal, withUnprocessedKeys } from "./fault-answers.ts";

/**
 * What may go wrong between the registry and a store, by when:
 * - before the store hears of the request: it is refused (`throttle`, `error`, `page`), cut off (`reset`), or waits (`stall`);
 * - after the store has done as asked: the answer is cut off (`lost`), held back (`late`), cut within its body (`cut`), says
 *   no after a status of 200 (`failed-200`), or leaves out a part (`partial`);
 * - or all is well, but takes a while (`slow`).
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

export type Fault = (typeof FAULTS)[number];

/** How probable each is for a request. */
export type Rates = Readonly<Partial<Record<Fault, number>>>;

export interface FaultProxy {
  readonly url: string;
  /** May be changed at any time. */
  rates: Rates;
  /** How often each has happened. */
  readonly counts: Map<Fault, number>;
  /** Closes all connections, as a service does that is restarted. */
  dropConnections(): void;
  stop(): Promise<void>;
}

export interface FaultOptions {
  readonly target: string;
  readonly dialect: Dialect;
  readonly random: Random;
  /** Milliseconds that the registry does not wait for. */
  readonly stall: number;
}

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
  const answer = await forward(incoming, target);
  if (fault === undefined || fault === "slow") {
    await passOn(answer, outgoing);
    return;
  }
  await spoil(answer, outgoing, fault, { dialect, incoming, stall });
}

/** The store has done as it was asked. */
async function spoil(
  answer: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault,
  { dialect, incoming, stall }: { dialect: Dialect; incoming: IncomingMessage; stall: number },
): Promise<void> {
  const body = await buffer(answer);
  const status = answer.statusCode ?? 502;
  switch (fault) {
    case "lost":
      incoming.socket.resetAndDestroy();
      return;
    case "late":
      return await holdBack(outgoing, stall);
    case "cut":
    case "stuck":
      outgoing.writeHead(status, answer.rawHeaders);
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
  outgoing.writeHead(status, answer.rawHeaders);
  outgoing.end(body);
}

/** Whoever sends a body reads an answer only afterwards. */
async function refuse(incoming: IncomingMessage, outgoing: ServerResponse, refusal: Refusal): Promise<void> {
  for await (const _ of incoming);
  send(outgoing, refusal);
}

function send(outgoing: ServerResponse, { status, type, body }: Refusal): void {
  outgoing.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  outgoing.end(outgoing.req.method === "HEAD" ? undefined : body);
}

/** Says nothing until the other side has lost its patience, or some time has passed. */
async function holdBack(outgoing: ServerResponse, milliseconds: number): Promise<void> {
  const gone = new AbortController();
  outgoing.on("close", () => gone.abort());
  await sleep(milliseconds, undefined, { signal: gone.signal }).catch(() => undefined);
  outgoing.destroy();
}
