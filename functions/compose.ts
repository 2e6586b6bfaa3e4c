import { randomUUID } from "node:crypto";
import { createApp } from "../lib/http/app.ts";
import { defectLine, type LogLine, withRequestLog } from "../lib/http/log.ts";
import type { App } from "../lib/http/message.ts";
import { createDynamoClient } from "../lib/storage/dynamodb/client.ts";
import { DynamoRecords } from "../lib/storage/dynamodb/records.ts";
import { PresignedS3Blobs } from "../lib/storage/s3/blobs.ts";
import { createS3Client } from "../lib/storage/s3/client.ts";
import { S3Uploads } from "../lib/storage/s3/uploads.ts";

const URL_LIFETIME_SECONDS = 900;

/** The application as the functions run it, over the stores that their environment names. */
export function composeApp(env: NodeJS.ProcessEnv): App {
  const now = () => new Date();
  const bucket = { client: createS3Client(), name: required(env, "DOCKLESS_BUCKET") };
  const lifetime = Number(env["DOCKLESS_URL_LIFETIME"] ?? URL_LIFETIME_SECONDS);
  const registry = {
    records: new DynamoRecords({ client: createDynamoClient(), table: required(env, "DOCKLESS_TABLE") }),
    blobs: new PresignedS3Blobs(bucket, { lifetime, now }),
    uploads: new S3Uploads(bucket),
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
