import type { Server } from "node:http";
import { isOutOfDescriptors } from "../../http/errors.ts";
import { createLimitedError, type LogOptions } from "../../http/middleware/limited-error.ts";

/** File descriptors that a connection may need: its socket, a blob file and a folder being flushed, or a socket to S3. */
const DESCRIPTORS_PER_CONNECTION = 3;

/** File descriptors for the process itself, the records, and requests to identity providers. */
const RESERVED_DESCRIPTORS = 100;

const MIN_CONNECTIONS = 10;

/** Upper bound: more connections than one process can serve, since each may take a few hundred KiB. */
const MAX_CONNECTIONS = 10_000;

/**
 * Returns how many connections the process can serve within its open file limit. Node's diagnostic report resolves the
 * addresses of open sockets, so this must be called before any socket is opened.
 */
export function defaultMaxConnections(): number {
  return maxConnectionsFor(parseOpenFileLimit(process.report.getReport()));
}

/** Returns how many connections fit within an open file limit. */
export function maxConnectionsFor(openFiles: number): number {
  const fitting = Math.floor((openFiles - RESERVED_DESCRIPTORS) / DESCRIPTORS_PER_CONNECTION);
  return Math.min(Math.max(fitting, MIN_CONNECTIONS), MAX_CONNECTIONS);
}

/** Parses the open file limit in a Node diagnostic report. @returns infinity if there is no limit, as on Windows */
function parseOpenFileLimit(report: object): number {
  const { userLimits } = report as {
    readonly userLimits?: { readonly open_files?: { readonly soft: unknown } };
  };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === "number" ? soft : Number.POSITIVE_INFINITY;
}

/** The maximum number of connections, the log and the clocks. */
export interface ConnectionLimitOptions extends LogOptions {
  readonly maxConnections: number;
}

/**
 * Closes connections beyond the maximum as soon as they are accepted, and logs this at most once per minute. Running out of
 * file descriptors is logged in the same way and does not end the process.
 */
export function limitConnections(
  server: Server,
  { maxConnections, ...options }: ConnectionLimitOptions,
): void {
  const reason = `too many connections: the limit is ${maxConnections}; raise it with --max-connections`;
  server.maxConnections = maxConnections;
  server.on("drop", createLimitedError(options, reason));
  const logExhaustion = createLimitedError(options, "too many open files: no connection can be accepted");
  server.on("error", (error) => {
    if (!isOutOfDescriptors(error)) throw error;
    logExhaustion();
  });
}
