import { MIB } from "../../soak/figures.ts";
import { runConcurrently } from "../../soak/parallel.ts";
import { type Report, requireNone } from "../../soak/report.ts";
import {
  type HttpResponse,
  IncompleteResponseError,
  requireStatus,
  sendRequest,
} from "../../soak/support/client.ts";
import { type Content, createContent } from "../../soak/support/content.ts";
import { createImage, type Manifest } from "../../soak/support/images.ts";
import { pushBlob, pushManifest } from "../../soak/support/push.ts";
import type { Fault } from "../../support/faults/fault-proxy.ts";
import type { Options } from "../options.ts";
import { problemOf } from "../support/error-responses.ts";
import { type FaultyLocation, withFaultyLocation } from "../support/faulty.ts";
import { cancelPulls, stopReading } from "../support/readers.ts";
import { withReplica } from "../support/replicas.ts";

type Store = "s3" | "dynamo";

/** Permanent fault of a store, and the maximum duration of a request in seconds. */
const OUTAGES: readonly (readonly [Store, Fault, number])[] = [
  ["s3", "stall", 90],
  ["s3", "late", 90],
  ["s3", "stuck", 130],
  ["dynamo", "throttle", 75],
  ["dynamo", "stall", 30],
  ["dynamo", "late", 30],
  ["dynamo", "stuck", 30],
  ["s3", "throttle", 15],
  ["s3", "error", 10],
  ["s3", "page", 10],
  ["s3", "reset", 10],
  ["s3", "lost", 10],
  ["s3", "cut", 10],
  ["s3", "failed-200", 10],
  ["dynamo", "error", 10],
  ["dynamo", "page", 10],
  ["dynamo", "reset", 10],
  ["dynamo", "lost", 10],
  ["dynamo", "cut", 10],
  ["dynamo", "partial", 10],
];

const REPOSITORY = "stores/outage";
const AT_ONCE = 5;

/** Guarantee: a permanently failing store is reported by 503 or 429 in time, and requests succeed after it recovers. */
export async function runOutages(report: Report, { seed }: Options): Promise<void> {
  await runConcurrently(OUTAGES, AT_ONCE, async ([store, fault, seconds]) => {
    const name = `${store === "s3" ? "S3" : "DynamoDB"} ${fault}`;
    await report.case(`outages: ${name}`, () => {
      return withFaultyLocation(`${seed}/${name}`, (location) => outage(location, store, fault, seconds));
    });
  });
  await report.case("outages: clients that stop reading", () => withFaultyLocation(seed, stopReading));
  await report.case("outages: clients that disconnect before the response", () =>
    withFaultyLocation(seed, cancelPulls),
  );
}

async function outage(
  location: FaultyLocation,
  store: Store,
  fault: Fault,
  seconds: number,
): Promise<string> {
  return await withReplica({ location: location.faulty, redirect: false }, async ({ url }) => {
    const prepared = await prepare(url);
    location[store].rates = { [fault]: 1 };
    const during = await Promise.all(requestsTo(url, prepared, "during").map(measure));
    location[store].rates = {};
    const after = await Promise.all(requestsTo(url, prepared, "after").map(measure));
    const problems = [
      ...during.flatMap((measured) => problemsOf(measured, seconds)),
      ...after.filter(({ isDone }) => !isDone).map(({ name, result }) => `afterwards ${name}: ${result}`),
    ];
    const slowest = Math.max(...during.map(({ milliseconds }) => milliseconds)) / 1000;
    const outcomes = during.map(({ name, result }) => `${name} ${result}`).join(", ");
    return requireNone(problems, `slowest after ${slowest.toFixed(1)} s: ${outcomes}`);
  });
}

interface Prepared {
  readonly image: Manifest;
  readonly padded: Manifest;
  readonly large: Content;
}

/** Pushes content while the stores work. */
async function prepare(url: string): Promise<Prepared> {
  const target = { url, repository: REPOSITORY };
  const config = createContent("config", 1000);
  const large = createContent("large", 12 * MIB);
  for (const blob of [config, large]) requireStatus(await pushBlob(target, blob, "put"), 201);
  const image = createImage(config, [large]);
  const padded = createImage(config, [], 100_000);
  requireStatus(await pushManifest(target, image, "image"), 201);
  requireStatus(await pushManifest(target, padded, "padded"), 201);
  return { image, padded, large };
}

interface Attempt {
  readonly name: string;
  readonly expected: number;
  run(): Promise<HttpResponse>;
}

/** Returns the most frequent requests, each with separate content, so that none benefits from another. */
function requestsTo(url: string, { image, padded, large }: Prepared, when: string): readonly Attempt[] {
  const target = { url, repository: REPOSITORY };
  const get = (path: string, method = "GET") => sendRequest(`${url}/v2/${REPOSITORY}/${path}`, { method });
  const [config] = image.blobs;
  const retagged = createImage(createContent("config", 1000), [large], when.length);
  return [
    { name: "manifest", expected: 200, run: () => get("manifests/image") },
    { name: "large manifest", expected: 200, run: () => get(`manifests/${padded.digest}`) },
    { name: "HEAD", expected: 200, run: () => get(`blobs/${config?.digest}`, "HEAD") },
    { name: "blob", expected: 200, run: () => get(`blobs/${config?.digest}`) },
    { name: "tags", expected: 200, run: () => get("tags/list") },
    { name: "POST", expected: 202, run: () => get("blobs/uploads/", "POST") },
    {
      name: "small blob",
      expected: 201,
      run: () => pushBlob(target, createContent(`${when}/1`, 5000), "post"),
    },
    {
      name: "large blob",
      expected: 201,
      run: () => pushBlob(target, createContent(`${when}/2`, 20 * MIB), "post"),
    },
    { name: "push", expected: 201, run: () => pushManifest(target, retagged, "retagged") },
  ];
}

interface Measured {
  readonly name: string;
  readonly isDone: boolean;
  readonly milliseconds: number;
  readonly result: string;
  /** Problem of the error response. */
  readonly wrong: string | undefined;
}

async function measure({ name, expected, run }: Attempt): Promise<Measured> {
  const begun = performance.now();
  const outcome = await run().catch((error: unknown) => error);
  const milliseconds = performance.now() - begun;
  if (outcome instanceof IncompleteResponseError) {
    // The head of a blob's response has already been sent when S3 fails.
    const wrong = name === "blob" ? undefined : outcome.message;
    return { name, milliseconds, isDone: false, result: "cut off", wrong };
  }
  if (!isHttpResponse(outcome)) throw outcome;
  const isDone = outcome.status === expected;
  const wrong = isDone ? undefined : problemOf(outcome, name === "HEAD");
  return { name, milliseconds, isDone, result: String(outcome.status), wrong };
}

function isHttpResponse(outcome: unknown): outcome is HttpResponse {
  return typeof outcome === "object" && outcome !== null && "status" in outcome;
}

function problemsOf({ name, wrong, milliseconds }: Measured, seconds: number): readonly string[] {
  const problems = wrong === undefined ? [] : [`${name}: ${wrong}`];
  if (milliseconds > 1000 * seconds)
    problems.push(`${name}: responded after ${Math.round(milliseconds / 1000)} s`);
  return problems;
}
