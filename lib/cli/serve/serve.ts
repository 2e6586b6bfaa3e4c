import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { SecretVerifier } from "../../auth/accounts/secret-verifier.ts";
import { parseStsEndpoint } from "../../auth/aws/endpoint.ts";
import { isUnconfigured, loadAccess } from "../../auth/snapshot.ts";
import { MonotonicClock } from "../../concurrency/monotonic-clock.ts";
import { composeApp } from "../../http/compose.ts";
import { forwardedHost } from "../../http/forwarded-host.ts";
import type { App } from "../../http/message.ts";
import type { LogLine } from "../../http/middleware/log.ts";
import { fixedHost, frontHost, type HostResolver } from "../../http/public-host.ts";
import { createNodeServer } from "../../http/server/node.ts";
import { formatStartError } from "../output/failure.ts";
import { openStorage } from "../storage/storage.ts";
import type { Storage, StorageOptions } from "../storage/storage-options.ts";
import { assertProtected, canBeOpen, type ExposureOptions, openAccessOf } from "./exposure.ts";
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

function serveApp(storage: Storage, options: ServeOptions): App {
  const { log, publicUrl, tokenLifetime } = options;
  const now = () => new Date();
  const clock = new MonotonicClock(now, () => performance.now());
  return composeApp({
    // MUST: "The `<location>` MUST contain a UUID representing a unique session ID for the upload to follow."
    // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
    registry: { ...storage, now, newId: randomUUID },
    monotonicNow: () => clock.now(),
    secretVerifier: new SecretVerifier(),
    log: log === "nothing" ? () => undefined : writeLine,
    logsRequests: log === "requests",
    hostOf: hostOf(options),
    tokenLifetime,
    openUntilConfigured: canBeOpen(options),
    openTo: openAccessOf(options),
    audienceOf: () => publicUrl?.host,
    stsEndpoint: parseStsEndpoint(process.env["AWS_ENDPOINT_URL_STS"]),
    middleware: { answersHealth: true, corsOrigins: options.corsOrigin },
  });
}

function hostOf({ publicUrl, behindEdge, trustProxy, log }: ServeOptions): HostResolver {
  if (publicUrl !== undefined) return fixedHost(publicUrl);
  if (behindEdge === true) return frontHost;
  const onIgnored = (from: string | undefined) => {
    const warning =
      "X-Forwarded-Proto or X-Forwarded-Host ignored: name the proxy's address with --trust-proxy, or the public URL with --public-url";
    if (log !== "nothing") writeLine({ time: new Date().toISOString(), level: "warning", from, warning });
  };
  return forwardedHost({ isTrusted: createPeerCheck(trustProxy), onIgnored });
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
