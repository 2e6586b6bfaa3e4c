import { randomUUID } from "node:crypto";
import { parseStsEndpoint } from "../lib/auth/aws/endpoint.ts";
import { MonotonicClock } from "../lib/concurrency/monotonic-clock.ts";
import { composeApp } from "../lib/http/compose.ts";
import type { App } from "../lib/http/message.ts";
import type { LogLine } from "../lib/http/middleware/log.ts";
import type { RuntimeMiddleware } from "../lib/http/middleware/order.ts";
import { type AudienceResolver, frontHost } from "../lib/http/public-host.ts";
import { DEFAULT_MAX_DESCRIPTORS } from "../lib/oci/descriptor-limit.ts";
import { VARIABLES } from "../lib/ports/environment.ts";
import { readOriginSecrets } from "../lib/ports/origin-secrets.ts";
import { FormatCheckedRecords } from "../lib/storage/format-checked-records.ts";
import { createLazyStores, type Stores } from "./lazy-stores.ts";
import { openRecords } from "./records.ts";
import { requireVariable } from "./require-variable.ts";
import type { OpenS3Options } from "./s3.ts";

const DEFAULT_URL_LIFETIME_SECONDS = 900;
const TOKEN_LIFETIME_SECONDS = 300;

/** Opens the blob and upload stores in a bucket. */
type OpenS3 = (bucket: string, options: OpenS3Options) => Stores;

/** Dependencies and settings that differ between the functions. */
export interface Runtime {
  /** Loads the S3 adapter for the first request that needs it, from a separate file that a cold start does not read. */
  loadS3(): Promise<{ readonly openS3: OpenS3 }>;
  readonly audienceOf: AudienceResolver;
  readonly middleware: RuntimeMiddleware;
  /** Called when AWS reports that the credentials of this process have expired. */
  onExpiredCredentials?(): void;
}

/**
 * Composes the application on the table and bucket that the environment names. It always requires authentication, and accepts
 * only requests of the distribution.
 */
export function functionApp(env: NodeJS.ProcessEnv, runtime: Runtime): App {
  const { loadS3, audienceOf, middleware, onExpiredCredentials = () => {} } = runtime;
  const now = () => new Date();
  const clock = new MonotonicClock(now, () => performance.now());
  const bucket = requireVariable(env, VARIABLES.bucket);
  const lifetime = Number(env[VARIABLES.urlLifetime] ?? DEFAULT_URL_LIFETIME_SECONDS);
  const multipart = env[VARIABLES.s3Multipart] === "true";
  const stores = createLazyStores(async () =>
    (await loadS3()).openS3(bucket, { lifetime, multipart, now, onExpiredCredentials }),
  );
  return composeApp({
    registry: {
      records: new FormatCheckedRecords(openRecords(env, onExpiredCredentials)),
      ...{ ...stores, now, newId: randomUUID },
      maxDescriptors: Number(env[VARIABLES.maxDescriptors] ?? DEFAULT_MAX_DESCRIPTORS),
    },
    monotonicNow: () => clock.now(),
    log,
    logsRequests: env[VARIABLES.log] === "requests",
    hostOf: frontHost,
    tokenLifetime: TOKEN_LIFETIME_SECONDS,
    openUntilConfigured: false,
    audienceOf,
    stsEndpoint: parseStsEndpoint(env["AWS_ENDPOINT_URL_STS"]),
    middleware: {
      ...middleware,
      corsOrigins: env[VARIABLES.corsOrigin]?.split(","),
      originSecret: { secrets: readOriginSecrets(env) },
    },
  });
}

function log(line: LogLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
