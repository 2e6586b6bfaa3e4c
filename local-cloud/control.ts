import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Chaos } from "./chaos.ts";
import type { Stats } from "./stats.ts";
import { type ListeningServer, listen } from "./support/listen.ts";

/** Options for `startControl`. */
export interface ControlOptions {
  readonly stats: Stats;
  readonly chaos: Chaos;
  /** Additional GET resources, by path. */
  readonly facts: Readonly<Record<string, () => object>>;
  /** Reads the template again, and runs the triggers of a deployment. */
  deploy(): Promise<object>;
}

/** Starts the control server, with which other programs read statistics and configure faults. */
export async function startControl(options: ControlOptions): Promise<ListeningServer> {
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, options).then(
      (response) => sendJson(outgoing, response === undefined ? 404 : 200, response ?? {}),
      (error: unknown) => sendJson(outgoing, 500, { error: String(error) }),
    );
  });
  // Disables the keep-alive timeout: otherwise an infrequent caller could send a request on a connection that is being closed.
  server.keepAliveTimeout = 0;
  return await listen(server);
}

function sendJson(outgoing: ServerResponse, status: number, response: object): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(`${JSON.stringify(response, undefined, 2)}\n`);
}

async function handle(
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
    case "POST /cuts":
      chaos.cutUploads(Number(searchParams.get("uploads") ?? 1));
      return {};
    case "POST /deploy":
      return await deploy();
    default:
      return method === "GET" ? facts[pathname.slice(1)]?.() : undefined;
  }
}
