import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Chaos } from "./chaos.ts";
import type { Stats } from "./stats.ts";
import { type Listening, listen } from "./support/listen.ts";

export interface ControlOptions {
  readonly stats: Stats;
  readonly chaos: Chaos;
  /** What may be asked for besides, by path. */
  readonly facts: Readonly<Record<string, () => object>>;
  /** Reads the stack again, and does what its deployment would. */
  deploy(): Promise<object>;
}

/** By which other programs learn what has happened, and change what is to happen. */
export async function startControl(options: ControlOptions): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    void answerTo(incoming, options).then(
      (answer) => say(outgoing, answer === undefined ? 404 : 200, answer ?? {}),
      (error: unknown) => say(outgoing, 500, { error: String(error) }),
    );
  });
  // Who asks now and then must not meet a connection that is just being closed.
  server.keepAliveTimeout = 0;
  return await listen(server);
}

function say(outgoing: ServerResponse, status: number, answer: object): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(`${JSON.stringify(answer, undefined, 2)}\n`);
}

async function answerTo(
  { method, url = "/" }: IncomingMessage,
  { stats, chaos, facts, deploy }: ControlOptions,
) {
  const { pathname, searchParams } = new URL(url, "http://control");
  switch (`${method} ${pathname}`) {
    case "GET /stats":
      return stats;
    case "POST /reset":
      stats.reset();
      return stats;
    case "POST /chaos":
      chaos.rate = Number(searchParams.get("rate") ?? 0);
      return { rate: chaos.rate };
    case "POST /deploy":
      return await deploy();
    default:
      return method === "GET" ? facts[pathname.slice(1)]?.() : undefined;
  }
}
