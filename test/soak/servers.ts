import { type RunningServer, startServer } from "../support/server.ts";
import { requireStatus, sendRequest } from "./support/client.ts";

const CLOCK_MODULE = import.meta.resolve("./clock-ahead.ts");

/** A running server of a soak suite. */
export interface StartedServer extends RunningServer {
  /** Milliseconds from the start of the process to its first response. */
  readonly startMs: number;
}

/** Options of a server. */
export interface StartOptions {
  /** Log level of the server. @default "errors" */
  readonly log?: "errors" | "nothing";
  /** Offset of the server's clock in hours. */
  readonly hoursAhead?: number;
}

/** Starts a server on a data folder and waits for its first response. */
export async function startSoakServer(
  data: string,
  { log = "errors", hoursAhead = 0 }: StartOptions = {},
): Promise<StartedServer> {
  const startTime = performance.now();
  const server = await withClock(hoursAhead, () => startServer({ data, args: ["--log", log] }));
  requireStatus(await sendRequest(`${server.url}/v2/`), 200);
  return { ...server, startMs: performance.now() - startTime };
}

/** Sets the variables of the clock while the work runs: the server inherits the environment of this process. */
async function withClock<T>(hoursAhead: number, work: () => Promise<T>): Promise<T> {
  if (hoursAhead === 0) return await work();
  process.env["NODE_OPTIONS"] = `--import=${CLOCK_MODULE}`;
  process.env["SOAK_HOURS_AHEAD"] = String(hoursAhead);
  try {
    return await work();
  } finally {
    delete process.env["NODE_OPTIONS"];
    delete process.env["SOAK_HOURS_AHEAD"];
  }
}
