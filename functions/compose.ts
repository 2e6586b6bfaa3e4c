import { randomUUID } from "node:crypto";
import { SecretVerifier } from "../lib/auth/accounts/secret-verifier.ts";
import { parseStsEndpoint } from "../lib/auth/aws/endpoint.ts";
import { MonotonicClock } from "../lib/concurrency/monotonic-clock.ts";
import { composeApp } from "../lib/http/compose.ts";
import type { App } from "../lib/http/message.ts";
import type { LogLine } from "../lib/http/middleware/log.ts";
import type { RuntimeMiddleware } from "../lib/http/middleware/order.ts";
import { type AudienceOf, frontHost } from "../lib/http/public-host.ts";
import { openRecords } from "./records.ts";
import { required } from "./required.ts";
import type { OpenS3Options } from "./s3.ts";
import { type Stores, whenNeeded } from "./when-needed.ts";

const URL_LIFETIME_SECONDS = 900;
const TOKEN_LIFETIME_SECONDS = 300;

/** Opens a bucket by its name. */
type OpenS3 = (bucket: string, options: OpenS3Options) => Stores;

export interface Home {
  /** Called with the first request that needs it: bundles have it as a file of its own, which a cold start does not read. */
  loadS3(): Promise<{ readonly openS3: OpenS3 }>;
  readonly audienceOf: AudienceOf;
  readonly middleware: RuntimeMiddleware;
  /** Called when AWS reports that the credentials of this process expired. */
  onExpiredCredentials?(): void;
}

/** The application as the functions run it, over the stores that their environment names. It is never open. */
export function functionApp(env: NodeJS.ProcessEnv, home: Home): App {
  const { loadS3, audienceOf, middleware, onExpiredCredentials = () => {} } = home;
  const now = () => new Date();
  const clock = new MonotonicClock(now, () => performance.now());
  const bucket = required(env, "DOCKLESS_BUCKET");
  const lifetime = Number(env["DOCKLESS_URL_LIFETIME"] ?? URL_LIFETIME_SECONDS);
  const stores = whenNeeded(async () =>
    (await loadS3()).openS3(bucket, { lifetime, now, onExpiredCredentials }),
  );
  return composeApp({
    registry: { records: openRecords(env, onExpiredCredentials), ...stores, now, newId: randomUUID },
    monotonicNow: () => clock.now(),
    secretVerifier: new SecretVerifier(),
    log,
    logsRequests: env["DOCKLESS_LOG"] === "requests",
    hostOf: frontHost,
    tokenLifetime: TOKEN_LIFETIME_SECONDS,
    openUntilConfigured: false,
    audienceOf,
    stsEndpoint: parseStsEndpoint(env["AWS_ENDPOINT_URL_STS"]),
    middleware,
  });
}

function log(line: LogLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
