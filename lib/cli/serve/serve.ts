import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { parseStsEndpoint } from "../../auth/aws/endpoint.ts";
import { type AccessSnapshot, isUnconfigured, loadAccess } from "../../auth/snapshot.ts";
import { MonotonicClock } from "../../concurrency/monotonic-clock.ts";
import { composeApp } from "../../http/compose.ts";
import { forwardedHost } from "../../http/forwarded-host.ts";
import type { App } from "../../http/message.ts";
import type { LogLine } from "../../http/middleware/log.ts";
import { fixedHost, frontHost, type HostResolver } from "../../http/public-host.ts";
import { createNodeServer } from "../../http/server/node.ts";
import { readOriginSecrets } from "../../ports/origin-secrets.ts";
import { formatDockerDesktopHint } from "../output/docker-desktop.ts";
import { exitCodeFor, formatStartError } from "../output/failure.ts";
import { openStorage } from "../storage/storage.ts";
import type { Storage, StorageOptions } from "../storage/storage-options.ts";
import { defaultMaxConnections, limitConnections } from "./connections.ts";
import { assertProtected, canBeOpen, type ExposureOptions, openAccessOf } from "./exposure.ts";
import { RequestsInFlight } from "./requests-in-flight.ts";
import { StopRequest } from "./signals.ts";
import { startSweeper } from "./sweeper.ts";
import { createPeerCheck } from "./trusted-peers.ts";

/** Interval at which idle connections are closed during shutdown. */
const CLOSE_IDLE_INTERVAL_MILLISECONDS = 50;

/** Options of `dockless serve`. */
export interface ServeOptions extends StorageOptions, ExposureOptions {
  /** Port to listen on; 0 selects a free port. */
  readonly port: number;
  /** Log level. */
  readonly log: "requests" | "errors" | "nothing";
  /** Proxies whose forwarded host and scheme are used: `loopback`, `none`, addresses or ranges. */
  readonly trustProxy: readonly string[];
  /** Lifetime of access tokens in seconds. */
  readonly tokenLifetime: number;
  /** Maximum number of descriptors of a pushed manifest. */
  readonly maxDescriptors: number;
  /** Maximum number of connections. @default derived from the limit of open files */
  readonly maxConnections?: number;
}

/** Runs the registry until SIGTERM or SIGINT. @returns the exit code: 2 for invalid options, 1 after another failure */
export async function serve(options: ServeOptions): Promise<number> {
  try {
    await run(options);
    return 0;
  } catch (error) {
    process.stderr.write(`dockless: ${formatStartError(error, options)}\n`);
    return exitCodeFor(error);
  }
}

/** Runs the server. Closes all resources in reverse order, even after a failure. */
async function run(options: ServeOptions): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const maxConnections = options.maxConnections ?? defaultMaxConnections();
  const stop = opened.use(new StopRequest());
  const storage = opened.adopt(await openStorage(options), (store) => store.close());
  const initialAccess = await loadAccess(storage.records);
  const hasAccounts = !isUnconfigured(initialAccess);
  if (!hasAccounts) assertProtected(options);
  opened.adopt(startSweeper(storage, writeLine), (sweeper) => sweeper.stop());
  const server = createNodeServer(serveApp(storage, options, initialAccess));
  const requests = new RequestsInFlight(server);
  await listen(server, options);
  limitConnections(server, {
    maxConnections,
    log: logOf(options),
    now: () => new Date(),
    monotonicNow: () => performance.now(),
  });
  opened.defer(() => closeGracefully(server));
  printBanner(server, options, hasAccounts);
  await stop.received;
  reportRequestsInFlight(requests.count);
}

/** Reports on standard error that the process is waiting for requests in flight. */
function reportRequestsInFlight(count: number): void {
  if (count === 0) return;
  const requests = count === 1 ? "1 request" : `${count} requests`;
  process.stderr.write(
    `dockless: completing ${requests} in flight: press Ctrl-C again to exit immediately, or send another signal\n`,
  );
}

function serveApp(storage: Storage, options: ServeOptions, initialAccess: AccessSnapshot): App {
  const { publicUrl, tokenLifetime, maxDescriptors } = options;
  const now = () => new Date();
  const clock = new MonotonicClock(now, () => performance.now());
  return composeApp({
    // MUST: "The `<location>` MUST contain a UUID representing a unique session ID for the upload to follow."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
    registry: { ...storage, now, newId: randomUUID, maxDescriptors, outlivesResponses: true },
    monotonicNow: () => clock.now(),
    log: logOf(options),
    logsRequests: options.log === "requests",
    initialAccess,
    hostOf: hostOf(options),
    tokenLifetime,
    openUntilConfigured: canBeOpen(options),
    openTo: openAccessOf(options),
    audienceOf: () => publicUrl?.host,
    stsEndpoint: parseStsEndpoint(process.env["AWS_ENDPOINT_URL_STS"]),
    middleware: {
      servesHealth: true,
      corsOrigins: options.corsOrigin,
      ...(options.behindEdge && { originSecret: { secrets: readOriginSecrets(process.env) } }),
    },
  });
}

function hostOf({ publicUrl, behindEdge, trustProxy, log }: ServeOptions): HostResolver {
  if (publicUrl !== undefined) return fixedHost(publicUrl);
  if (behindEdge === true) return frontHost;
  const onIgnored = (from: string | undefined) => {
    const warning =
      "X-Forwarded-Proto or X-Forwarded-Host ignored: set the proxy's address with --trust-proxy, or the public URL with --public-url";
    if (log !== "nothing") writeLine({ time: new Date().toISOString(), level: "warning", from, warning });
  };
  return forwardedHost({ isTrusted: createPeerCheck(trustProxy), onIgnored });
}

function logOf({ log }: ServeOptions): (line: LogLine) => void {
  return log === "nothing" ? () => undefined : writeLine;
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
function printBanner(server: Server, { host, publicUrl }: ServeOptions, hasAccounts: boolean): void {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const local = publicUrl?.host ?? (WILDCARD_ADDRESSES.has(host) ? `localhost:${port}` : authority);
  process.stdout.write(
    [
      "registry ready: push an image with",
      ...(hasAccounts ? [`  docker login ${local}`] : []),
      "  docker pull alpine",
      `  docker tag alpine ${local}/alpine`,
      `  docker push ${local}/alpine`,
      ...formatDockerDesktopHint(process.platform, port),
      `dockless listening on http://${authority}`,
      "",
    ].join("\n"),
  );
}

/** Closes the server. Resolves once all requests in flight are complete. */
async function closeGracefully(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Clients keep connections open after the last response: close each connection once it is idle.
  const closingIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_INTERVAL_MILLISECONDS);
  try {
    await closed;
  } finally {
    clearInterval(closingIdle);
  }
}
