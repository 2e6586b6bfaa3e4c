import { randomUUID } from "node:crypto";
import { createApp } from "../lib/http/app.ts";
import { defectLine, type LogLine, withRequestLog } from "../lib/http/log.ts";
import type { App } from "../lib/http/message.ts";
import { createDynamoClient } from "../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import { type Stores, whenNeeded } from "./when-needed.ts";

const URL_LIFETIME_SECONDS = 900;

/** Opens a bucket by its name. The lifetime is that of the URLs of redirects, in seconds. */
type OpenS3 = (bucket: string, lifetime: number, now: () => Date) => Stores;

/**
 * The application as the functions run it, over the stores that their environment names.
 * @param loadS3 called with the first request that needs it
 */
export function composeApp(env: NodeJS.ProcessEnv, loadS3: () => Promise<{ readonly openS3: OpenS3 }>): App {
  const now = () => new Date();
  const bucket = required(env, "DOCKLESS_BUCKET");
  const lifetime = Number(env["DOCKLESS_URL_LIFETIME"] ?? URL_LIFETIME_SECONDS);
  const registry = {
    records: new DynamoRecords({ client: createDynamoClient(), table: required(env, "DOCKLESS_TABLE") }),
    ...whenNeeded(async () => (await loadS3()).openS3(bucket, lifetime, now)),
    now,
    newId: randomUUID,
  };
  const app = createApp(registry, { onDefect: (error, request) => log(defectLine(error, request, now())) });
  return env["DOCKLESS_LOG"] === "requests" ? withRequestLog(app, log, now) : app;
}

function log(line: LogLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === "") throw new Error(`the environment variable ${name} is missing`);
  return value;
}
