import type { Server } from "node:http";
import { atMostEvery } from "../../concurrency/at-most-every.ts";
import { isOutOfDescriptors } from "../../http/errors.ts";
import type { LogLine } from "../../http/middleware/log.ts";

/** File descriptors that a connection may need: its socket, a blob's file, and the folder that is flushed, or a socket to S3. */
const DESCRIPTORS_PER_CONNECTION = 3;

/** File descriptors for the process itself, the records, and requests to identity providers. */
const RESERVED_DESCRIPTORS = 100;

const MIN_CONNECTIONS = 10;

/** More than one process can serve: each connection may take a few hundred KiB. */
const MAX_CONNECTIONS = 10_000;

const LINE_INTERVAL_MILLISECONDS = 60_000;

/**
 * Returns how many connections the process can serve within its limit of open files. Node's report resolves the addresses of
 * open sockets, so this must be called before there are any.
 */
export function defaultMaxConnections(): number {
  return maxConnectionsFor(parseOpenFileLimit(process.report.getReport()));
}

/** Returns how many connections fit into a limit of open files. */
export function maxConnectionsFor(openFiles: number): number {
  const fitting = Math.floor((openFiles - RESERVED_DESCRIPTORS) / DESCRIPTORS_PER_CONNECTION);
  return Math.min(Math.max(fitting, MIN_CONNECTIONS), MAX_CONNECTIONS);
}

/** Parses the limit of open files in a diagnostic report of Node. @returns infinity where there is none, as on Windows */
function parseOpenFileLimit(report: object): number {
  const { userLimits } = report as {
    readonly userLimits?: { readonly open_files?: { readonly soft: unknown } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}

/** The maximum number of connections, the log and its clocks. */
export interface ConnectionLimitOptions {
  readonly maxConnections: number;
  readonly log: (line: LogLine) => void;
  now(): Date;
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
}

/**
 * Closes connections of a listening server beyond the maximum as soon as they are accepted, and logs that at most once per
 * minute. That none can be accepted does not end the process.
 */
export function limitConnections(
  server: Server,
  { maxConnections, log, now, monotonicNow }: ConnectionLimitOptions,
): void {
  const createLine = (error: string) =>
    atMostEvery(LINE_INTERVAL_MILLISECONDS, monotonicNow, (skipped) =>
      log({ time: now().toISOString(), level: "error", error, skipped }),
    );
  server.maxConnections = maxConnections;
  server.on(
    "drop",
    createLine(`too many connections: the limit is ${maxConnections}; raise it with --max-connections`),
  );
  const logExhaustion = createLine("too many open files: no connection can be accepted");
  server.on("error", (error) => {
    if (!isOutOfDescriptors(error)) throw error;
    logExhaustion();
  });
}
