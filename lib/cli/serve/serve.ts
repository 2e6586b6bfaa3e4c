import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { Server } from "node:http";
import { SecretVerifier } from "../../auth/accounts/secret-verifier.ts";
import { parseStsEndpoint } from "../../auth/aws/endpoint.ts";
import { isUnconfigured, loadAccess } from "../../auth/snapshot.ts";
import { MonotonicClock } from "../../concurrency/monotonic-clock.ts";
import { composeApp } from "../../http/compose.ts";
import type { App } from "../../http/message.ts";
import type { LogLine } from "../../http/middleware/log.ts";
import { askedHost, fixedHost, frontHost, type HostOf } from "../../http/public-host.ts";
import { createNodeServer } from "../../http/server/node.ts";
import { whyNotStarted } from "../output/failure.ts";
import { openStorage } from "../storage/storage.ts";
import type { Storage, StorageOptions } from "../storage/storage-options.ts";
import { sweepRegularly } from "./sweep.ts";

const CLOSE_IDLE_MILLISECONDS = 50;

export interface ServeOptions extends StorageOptions {
  readonly port: number;
  readonly host: string;
  readonly log: "requests" | "errors" | "nothing";
  /** Where clients reach the registry, if not at the address that they say. */
  readonly publicUrl?: URL;
  /** Of access tokens, in seconds. */
  readonly tokenLifetime: number;
  /** Whether everybody may do everything as long as there are no accounts, wherever they come from. */
  readonly allowAnonymous?: true;
  /** Whether only the stack's own distribution can reach this process. Without accounts it starts, and lets nobody in. */
  readonly behindEdge?: true;
}

/** Runs the registry until a signal ends it. @returns the exit code */
export async function serve(options: ServeOptions): Promise<number> {
  try {
    await run(options);
    return 0;
  } catch (error) {
    process.stderr.write(`dockless: ${whyNotStarted(error, options)}\n`);
    return 1;
  }
}

/** Closes all that it has opened, last first, also when it fails. */
async function run(options: ServeOptions): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const ending = opened.adopt(new AbortController(), (controller) => controller.abort());
  const signal = nextSignal(ending.signal);
  const storage = opened.adopt(await openStorage(options), (store) => store.close());
  const hasAccounts = !isUnconfigured(await loadAccess(storage.records));
  if (!hasAccounts) assertProtected(options);
  opened.adopt(sweepRegularly(storage, writeLine), (sweeping) => sweeping.stop());
  const server = createNodeServer(serveApp(storage, options));
  await listen(server, options);
  opened.defer(() => drained(server));
  announce(server, options, hasAccounts);
  await signal;
}

/** Resolves with the first SIGTERM or SIGINT, unless it is aborted before. */
async function nextSignal(signal: AbortSignal): Promise<void> {
  const events = ["SIGTERM", "SIGINT"].map((name) => once(process, name, { signal }));
  await Promise.race(events.map((event) => event.catch(() => undefined)));
}

/** @throws Error when strangers could push and delete, and nobody has said that this is meant */
function assertProtected(options: ServeOptions): void {
  if (options.behindEdge === true || mayBeOpen(options)) return;
  throw new Error(
    `there are no accounts yet, and others can reach ${options.host}: add one with \`dockless user add NAME\`, choose 127.0.0.1 with --host, or say --allow-anonymous if everybody may push and delete`,
  );
}

function mayBeOpen({ host, allowAnonymous }: ServeOptions): boolean {
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
    secretVerifier: new SecretVerifier(),
    log: log === "nothing" ? () => undefined : writeLine,
    logsRequests: log === "requests",
    hostOf: hostOf(options),
    tokenLifetime,
    openUntilConfigured: !behindEdge && mayBeOpen(options),
    audienceOf: () => publicUrl?.host,
    stsEndpoint: parseStsEndpoint(process.env["AWS_ENDPOINT_URL_STS"]),
    middleware: { answersHealth: true },
  });
}

function hostOf({ publicUrl, behindEdge }: ServeOptions): HostOf {
  if (publicUrl !== undefined) return fixedHost(publicUrl);
  return behindEdge === true ? frontHost : askedHost("http");
}

function writeLine(line: LogLine): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

async function listen(server: Server, { port, host }: ServeOptions): Promise<void> {
  server.listen(port, host);
  await once(server, "listening");
}

/** They mean all addresses of the machine, and are none that a client could use. */
const ANY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** The last line tells scripts that the server is ready, and where. */
function announce(server: Server, { host }: ServeOptions, hasAccounts: boolean): void {
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const local = ANY_ADDRESS.has(host) ? `localhost:${port}` : authority;
  process.stdout.write(
    [
      "To push a first image:",
      ...(hasAccounts ? [`  docker login ${local}`] : []),
      "  docker pull alpine",
      `  docker tag alpine ${local}/alpine`,
      `  docker push ${local}/alpine`,
      `dockless listening on http://${authority}`,
      "",
    ].join("\n"),
  );
}

/** Resolves once all requests in flight have been answered. */
async function drained(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  // Connections become idle one by one as their last answer is sent, and clients would keep them open.
  const closing = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MILLISECONDS);
  try {
    await closed;
  } finally {
    clearInterval(closing);
  }
}
