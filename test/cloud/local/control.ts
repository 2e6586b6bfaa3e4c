import { createServer, type IncomingMessage } from "node:http";
import { type Listening, listen } from "../../support/listen.ts";
import type { Chaos } from "./chaos.ts";
import type { Stats } from "./stats.ts";

export interface ControlOptions {
  readonly stats: Stats;
  readonly chaos: Chaos;
  /** What may be asked for besides, by path. */
  readonly facts: Readonly<Record<string, () => object>>;
}

/** By which other programs learn what has happened, and change what is to happen. */
export async function startControl(options: ControlOptions): Promise<Listening> {
  const server = createServer((incoming, outgoing) => {
    const answer = answerTo(incoming, options);
    outgoing.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    outgoing.end(`${JSON.stringify(answer ?? {}, undefined, 2)}\n`);
  });
  // Who asks now and then must not meet a connection that is just being closed.
  server.keepAliveTimeout = 0;
  return await listen(server);
}

function answerTo({ method, url = "/" }: IncomingMessage, { stats, chaos, facts }: ControlOptions) {
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
    default:
      return method === "GET" ? facts[pathname.slice(1)]?.() : undefined;
  }
}
