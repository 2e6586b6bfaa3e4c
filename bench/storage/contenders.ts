import { join } from "node:path";
import type { AwsPlace } from "../../local-cloud/support/aws-place.ts";
import { run } from "../command.ts";
import { push } from "../load.ts";
import type { PushForm } from "../measure.ts";
import { ROOT } from "../paths.ts";
import { cpuSeconds, freePort, launch, memory } from "../server-process.ts";

/** Location of the pushed bytes. */
export interface Place extends AwsPlace {
  /** Folder of logs. */
  readonly folder: string;
}

/** Measurements of a push. */
export interface PushFigures {
  readonly seconds: number;
  /** Seconds after the last byte was sent, if measured. */
  readonly closingSeconds?: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Starts a server and pushes a layer of new random bytes through it. */
export async function pushThroughServer(form: PushForm, size: number, location: Place): Promise<PushFigures> {
  const port = await freePort();
  const stores = ["--bucket", location.bucket, "--table", location.table];
  const { s3Url, dynamoUrl } = location.endpoints;
  const endpoints = ["--endpoint-s3", s3Url, "--endpoint-dynamodb", dynamoUrl];
  const args = [join(ROOT, "bin/dockless.ts"), "serve", "--port", String(port), ...stores, ...endpoints];
  const server = await launch({ file: process.execPath, args }, port, join(location.folder, "log"));
  try {
    const cpuBefore = await cpuSeconds(server.pid);
    const { seconds, closingSeconds } = await push(`${server.url}/v2/bench/layers`, form, size);
    const used = (await cpuSeconds(server.pid)) - cpuBefore;
    const peakBytes = (await memory(server.pid)).peak;
    return { seconds, cpuSeconds: used, peakBytes, ...(form === "patch" ? { closingSeconds } : {}) };
  } finally {
    await server.stop();
  }
}

/** Options of the SDK's uploader. */
export interface UploaderOptions {
  /** Part size in bytes. */
  readonly partSize: number;
  /** Number of parts in flight. */
  readonly queueSize: number;
  /** Whether the body is excluded from the signature, as in the registry. */
  readonly unsigned: boolean;
}

/** Uploads new random bytes with the SDK's own uploader, in a separate process. */
export async function uploadStraight(
  { partSize, queueSize, unsigned }: UploaderOptions,
  size: number,
  { endpoints, bucket }: Place,
): Promise<PushFigures> {
  const script = join(import.meta.dirname, "uploader.ts");
  const where = [
    "--endpoint",
    endpoints.s3Url,
    "--bucket",
    bucket,
    "--key",
    "straight",
    "--size",
    String(size),
  ];
  const how = [
    "--part-size",
    String(partSize),
    "--queue-size",
    String(queueSize),
    ...(unsigned ? ["--unsigned"] : []),
  ];
  return parseFigures(await run(process.execPath, [script, ...where, ...how]));
}

function parseFigures(text: string): PushFigures {
  return JSON.parse(text) as PushFigures;
}
