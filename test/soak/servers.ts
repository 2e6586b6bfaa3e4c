import { type RunningServer, startServer } from "../support/server.ts";
import { call, requireStatus } from "./support/client.ts";

const CLOCK = import.meta.resolve("./clock-ahead.ts");

export interface Started extends RunningServer {
  /** Milliseconds from the start of the process to its first response. */
  readonly startMs: number;
}

export interface StartOptions {
  /** Log output of the server; by default its internal errors. */
  readonly log?: "errors" | "nothing";
  /** Time by which the server's clock is ahead. */
  readonly hoursAhead?: number;
}

/** Starts a server on a data folder and waits for its first response. */
export async function start(
  data: string,
  { log = "errors", hoursAhead = 0 }: StartOptions = {},
): Promise<Started> {
  const begun = performance.now();
  const server = await withClock(hoursAhead, () => startServer({ data, args: ["--log", log] }));
  requireStatus(await call(`${server.url}/v2/`), 200);
  return { ...server, startMs: performance.now() - begun };
}

/** The server gets this process's environment. */
async function withClock<T>(hoursAhead: number, work: () => Promise<T>): Promise<T> {
  if (hoursAhead === 0) return await work();
  process.env["NODE_OPTIONS"] = `--import=${CLOCK}`;
  process.env["SOAK_HOURS_AHEAD"] = String(hoursAhead);
  try {
    return await work();
  } finally {
    delete process.env["NODE_OPTIONS"];
    delete process.env["SOAK_HOURS_AHEAD"];
  }
}
