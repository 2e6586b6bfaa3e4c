import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { parseStsEndpoint } from "../../auth/aws/endpoint.ts";
import { isUnconfigured, loadAccess } from "../../auth/snapshot.ts";
import { MonotonicClock } from "../../concurrency/monotonic-clock.ts";
import { composeApp } from "../../http/compose.ts";
import type { App } from "../../http/message.ts";
import type { LogLine } from "../../http/middleware/log.ts";
import { fixedHost, frontHost, type HostResolver, requestedHost } from "../../http/public-host.ts";
import { createNodeServer } from "../../http/server/node.ts";
import { formatStartError } from "../output/failure.ts";
import { openStorage } from "../storage/storage.ts";
import type { Storage, StorageOptions } from "../storage/storage-options.ts";
import { startSweeper } from "./sweeper.ts";

/** Interval at which idle connections are closed during shutdown. */
const CLOSE_IDLE_INTERVAL_MILLISECONDS = 50;

/** Options of `dockless serve`. */
export interface ServeOptions extends StorageOptions {
  /** Port to listen on; 0 selects a free port. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Log level. */
  readonly log: "requests" | "errors" | "nothing";
  /** Public URL of the registry. @default derived from the Host header of each request */
  readonly publicUrl?: URL;
  /** Lifetime of access tokens in seconds. */
  readonly tokenLifetime: number;
  /** Whether all clients have full access until the first account or grant exists, even from other machines. */
  readonly allowAnonymous?: true;
  /** Whether only the stack's distribution can reach this process. It then starts without accounts, but denies all access. */
  readonly behindEdge?: true;
}

/** Runs the registry until SIGTERM or SIGINT. @returns the exit code */
export async function serve(options: ServeOptions): Promise<number> {
  try {
    await run(options);
    return 0;
  } catch (error) {
    process.stderr.write(`dockless: ${formatStartError(error, options)}\n`);
    return 1;
  }
}

/** Runs the server. Closes all resources in reverse order, even after a failure. */
async function run(options: ServeOptions): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const signalListeners = opened.adopt(new AbortController(), (controller) => controller.abort());
  const signal = nextSignal(signalListeners.signal);
  const storage = opened.adopt(await openStorage(options), (store) => store.close());
  const hasAccounts = !isUnconfigured(await loadAccess(storage.records));
  if (!hasAccounts) assertProtected(options);
  opened.adopt(startSweeper(storage, writeLine), (sweeper) => sweeper.stop());
  const server = createNodeServer(serveApp(storage, options));
  await listen(server, options);
  opened.defer(() => closeGracefully(server));
  printBanner(server, options, hasAccounts);
  await signal;
}

/** Resolves on the first SIGTERM or SIGINT, or once the signal is aborted. */
async function nextSignal(signal: AbortSignal): Promise<void> {
  const events = ["SIGTERM", "SIGINT"].map((name) => once(process, name, { signal }));
  await Promise.race(events.map((event) => event.catch(() => undefined)));
}

/** @throws Error if other machines could push and delete without authentication, unless the options allow it */
function assertProtected(options: ServeOptions): void {
  if (options.behindEdge === true || canBeOpen(options)) return;
  throw new Error(
    `no accounts exist, and ${options.host} is reachable from other machines: add an account with \`dockless user add NAME\`, use --host 127.0.0.1, or allow anonymous clients to push and delete with --allow-anonymous`,
  );
}

/** Returns whether clients may have full access while there are no accounts. */
function canBeOpen({ host, allowAnonymous }: ServeOptions): boolean {
  return allowAnonymous === true || host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);
}

function serveApp(storage: Storage, options: ServeOptions): App {
  const { log, publicUrl, tokenLifetime, behindEdge = false } = options;
  const now = () => new Date();
  const clock = new MonotonicClock(now, () => performance.now());
  return composeApp({
    // MUST: "The `<location>` MUST contain a UUID representing a unique session ID for the upload to follow."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
    registry: { ...storage, now, newId: randomUUID },
    monotonicNow: () => clock.now(),
    log: log === "nothing" ? () => undefined : writeLine,
    logsRequests: log === "requests",
    hostOf: hostOf(options),
    tokenLifetime,
    openUntilConfigured: !behindEdge && canBeOpen(options),
    audienceOf: () => publicUrl?.host,
    stsEndpoint: parseStsEndpoint(process.env["AWS_ENDPOINT_URL_STS"]),
    middleware: { answersHealth: true },
  });
}

function hostOf({ publicUrl, behindEdge }: ServeOptions): HostResolver {
  if (publicUrl !== undefined) return fixedHost(publicUrl);
  return behindEdge === true ? frontHost : requestedHost("http");
}

function writeLine(line: LogLine): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

async function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

/** Wildcard addresses: they accept connections on all interfaces, but clients cannot connect to them. */
const WILDCARD_ADDRESSES: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Prints how to push an image. The last line contains the URL, and is printed once the server accepts connections. */
function printBanner(server: Server, { host }: ServeOptions, hasAccounts: boolean): void {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const local = WILDCARD_ADDRESSES.has(host) ? `localhost:${port}` : authority;
  process.stdout.write(
    [
      "registry ready: push an image with",
      ...(hasAccounts ? [`  docker login ${local}`] : []),
      "  docker pull alpine",
      `  docker tag alpine ${local}/alpine`,
      `  docker push ${local}/alpine`,
      `dockless listening on http://${authority}`,
      "",
    ].join("\n"),
  );
}

/** Closes the server. Resolves once all requests in flight are complete. */
async function closeGracefully(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Clients keep connections open after their last response: close each connection once it is idle.
  const closingIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MILLISECONDS);
  try {
    await closed;
  } finally {
    clearInterval(closingIdle);
  }
}
