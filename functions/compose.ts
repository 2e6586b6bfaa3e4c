import { randomUUID } from "node:crypto";
import { parseStsEndpoint } from "../lib/auth/aws/endpoint.ts";
import { MonotonicClock } from "../lib/concurrency/monotonic-clock.ts";
import { composeApp, type RuntimeOptions } from "../lib/http/compose.ts";
import type { App } from "../lib/http/message.ts";
import type { LogLine } from "../lib/http/middleware/log.ts";
import { DEFAULT_MAX_DESCRIPTORS } from "../lib/oci/descriptor-limit.ts";
import { VARIABLES } from "../lib/ports/environment.ts";
import { readOriginSecrets } from "../lib/ports/origin-secrets.ts";
import { FormatCheckingRecordStore } from "../lib/storage/format-checking-record-store.ts";
import { createLazyStores, type Stores } from "./lazy-stores.ts";
import { openRecords } from "./records.ts";
import { requireVariable } from "./require-variable.ts";
import type { OpenS3Options } from "./s3.ts";

const DEFAULT_URL_LIFETIME_SECONDS = 900;
const TOKEN_LIFETIME_SECONDS = 300;

/** Opens a bucket as the blob and upload stores. */
type OpenS3 = (bucket: string, options: OpenS3Options) => Stores;

/** Dependencies and settings that differ between the functions. */
export interface Runtime
  extends Pick<RuntimeOptions, "hostOf" | "audienceOf" | "requiresIdentity" | "middleware"> {
  /** Loads the S3 adapter on first use, from a separate file that a cold start does not read. */
  loadS3(): Promise<{ readonly openS3: OpenS3 }>;
  /** Whether clients may call this function directly, bypassing CloudFront. @default false */
  readonly acceptsDirect?: boolean;
  /** Called when AWS reports that the credentials of this process have expired. */
  onExpiredCredentials?(): void;
}

/**
 * Composes the application on the table and bucket named in the environment. It always requires authentication, and accepts
 * only requests from CloudFront, unless the runtime accepts direct requests.
 */
export function functionApp(env: NodeJS.ProcessEnv, runtime: Runtime): App {
  const { loadS3, onExpiredCredentials = () => {}, middleware, acceptsDirect = false, ...policies } = runtime;
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
      records: new FormatCheckingRecordStore(openRecords(env, onExpiredCredentials)),
      ...{ ...stores, now, newId: randomUUID },
      maxDescriptors: Number(env[VARIABLES.maxDescriptors] ?? DEFAULT_MAX_DESCRIPTORS),
    },
    monotonicNow: () => clock.now(),
    log,
    logsRequests: env[VARIABLES.log] === "requests",
    tokenLifetime: TOKEN_LIFETIME_SECONDS,
    openUntilConfigured: false,
    stsEndpoint: parseStsEndpoint(env["AWS_ENDPOINT_URL_STS"]),
    ...policies,
    middleware: {
      ...middleware,
      corsOrigins: env[VARIABLES.corsOrigin]?.split(","),
      originSecret: { secrets: readOriginSecrets(env), acceptsDirect },
    },
  });
}

function log(line: LogLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
