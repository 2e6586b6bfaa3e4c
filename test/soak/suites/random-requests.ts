import { globalAgent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import { findCorruptFiles, listBlobFiles } from "../data-folder.ts";
import { requireNone } from "../report.ts";
import { ServedContent } from "../served-content.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import type { Site } from "../sites.ts";
import { type HttpResponse, IncompleteResponseError, sendRequest } from "../support/client.ts";
import { type Content, createContent } from "../support/content.ts";
import { createImage, createIndex, type Manifest } from "../support/images.ts";
import { locationOf, pushBlob, pushManifest, UPLOAD_FORMS } from "../support/push.ts";

const REPOSITORIES = ["soak/storm/a", "soak/storm/b"];
const TAGS = ["latest", "v1"];
const WORKER_COUNT = 10;

/** Parameters of a test with random requests. */
export interface RandomRequestsPlan {
  readonly seconds: number;
  /** Number of times that a kill ends the requests, which continue after a restart. */
  readonly crashes: number;
  readonly seed: string;
}

/** Shared content, so little of it that workers conflict often. */
interface SharedContent {
  readonly blobs: readonly Content[];
  readonly images: readonly Manifest[];
  readonly indexes: readonly Manifest[];
}

/**
 * A request of a worker, and the statuses that the registry may return: 405 when the content has dependents, 429 when
 * retries on conflict are exhausted. Neither is a response to a push.
 */
interface Operation {
  readonly allowed: readonly number[];
  readonly weight: number;
  run(url: string, content: SharedContent, random: Random): Promise<HttpResponse>;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  "push a blob": { allowed: [201], weight: 4, run: pushSomeBlob },
  "push an image": { allowed: [201, 404], weight: 6, run: pushSomeImage },
  "push an image whole": { allowed: [201, 404], weight: 3, run: pushWholeImage },
  "push an index": { allowed: [201], weight: 2, run: pushSomeIndex },
  mount: { allowed: [201, 202], weight: 2, run: mountSomeBlob },
  "delete a blob": { allowed: [202, 404, 405, 429], weight: 3, run: deleteSomeBlob },
  "delete a manifest": { allowed: [202, 404, 405, 429], weight: 3, run: deleteSomeManifest },
  "delete a tag": { allowed: [202, 404], weight: 1, run: deleteSomeTag },
  "cancel an upload": { allowed: [204], weight: 1, run: cancelUpload },
  "pull a tag": { allowed: [200, 404], weight: 2, run: pullSomeTag },
};

/** Lets workers send random requests to the same content, with crashes, and verifies its consistency. @returns figures */
export async function runRandomRequests(
  first: StartedServer,
  site: Site,
  plan: RandomRequestsPlan,
): Promise<string> {
  const content = makeSharedContent(plan.seed);
  const problems: string[] = [];
  const counts = new Map<string, number>();
  let server = first;
  for (let crash = 0; crash <= plan.crashes && problems.length === 0; crash++) {
    const isLast = crash === plan.crashes;
    const workers = { content, seed: `${plan.seed}/${crash}`, counts, problems };
    await runWorkers(server, isLast ? undefined : site, plan.seconds * 1000, workers);
    if (!isLast) server = await startSoakServer(site.data);
    await verify(server, content, problems);
  }
  await server.stop();
  const wrong = await findCorruptFiles(site.data, await listBlobFiles(site.data));
  problems.push(...wrong.map((digest) => `the bytes of the file do not match ${digest}`));
  const figures = [...counts].sort().map(([key, count]) => `${key} ${count}`);
  return requireNone(problems, figures.join(", "));
}

function makeSharedContent(seed: string): SharedContent {
  const blobs = Array.from({ length: 5 }, (_, index) =>
    createContent(`${seed}/storm/${index}`, 400 + index * 90_000),
  );
  const images = blobs.flatMap((config, index) =>
    blobs.slice(index + 1, index + 3).map((layer) => createImage(config, [layer])),
  );
  const indexes = [createIndex(images.slice(0, 2)), createIndex(images.slice(1, 4))];
  return { blobs, images, indexes };
}

interface Workers {
  readonly content: SharedContent;
  readonly seed: string;
  readonly counts: Map<string, number>;
  readonly problems: string[];
}

/** Runs workers for a time. @param site crashes the server at the end; without it the workers finish their requests */
async function runWorkers(
  server: StartedServer,
  site: Site | undefined,
  milliseconds: number,
  workers: Workers,
): Promise<void> {
  let hasEnded = false;
  let hasCrashed = false;
  const running = Array.from({ length: WORKER_COUNT }, async (_, worker) => {
    const random = new Random(`${workers.seed}/${worker}`);
    while (!hasEnded) {
      try {
        await sendRandomRequest(server.url, random, workers);
      } catch (error) {
        if (!(hasCrashed && error instanceof IncompleteResponseError)) workers.problems.push(`${error}`);
        return;
      }
    }
  });
  await sleep(milliseconds);
  hasEnded = true;
  if (site !== undefined) {
    hasCrashed = true;
    await site.crash(server);
  }
  await Promise.all(running);
  globalAgent.destroy();
}

async function sendRandomRequest(
  url: string,
  random: Random,
  { content, counts, problems }: Workers,
): Promise<void> {
  const names = Object.entries(OPERATIONS).flatMap(([name, { weight }]) =>
    Array.from({ length: weight }, () => name),
  );
  const name = random.pick(names);
  const operation = OPERATIONS[name];
  if (operation === undefined) return;
  const response = await operation.run(url, content, random);
  const key = `${name}: ${response.status}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (!operation.allowed.includes(response.status))
    problems.push(`${response.requestLine} returned ${response.status}: ${response.body}`);
}

/** Verifies that all content is complete, while no requests are in progress. */
async function verify(
  server: StartedServer,
  { images, indexes, blobs }: SharedContent,
  problems: string[],
): Promise<void> {
  // An index whose images were just deleted can still be pushed: it is a sparse index then.
  const served = new ServedContent(server.url, { allowsSparse: true });
  for (const repository of REPOSITORIES) {
    for (const tag of await served.listTags(repository)) {
      if ((await served.resolve(repository, tag)) === undefined)
        problems.push(`${repository}:${tag} is listed, but unknown`);
    }
    for (const { digest } of [...images, ...indexes]) await served.hasManifest(repository, digest);
    for (const { digest } of blobs) await served.hasBlob(repository, digest);
  }
  problems.push(...served.problems);
}

async function pushSomeBlob(url: string, { blobs }: SharedContent, random: Random): Promise<HttpResponse> {
  return await pushBlob(
    { url, repository: random.pick(REPOSITORIES) },
    random.pick(blobs),
    random.pick(UPLOAD_FORMS),
  );
}

async function pushSomeImage(url: string, { images }: SharedContent, random: Random): Promise<HttpResponse> {
  const image = random.pick(images);
  const reference = random.chance(0.3) ? image.digest : random.pick(TAGS);
  return await pushManifest({ url, repository: random.pick(REPOSITORIES) }, image, reference);
}

async function pushWholeImage(url: string, { images }: SharedContent, random: Random): Promise<HttpResponse> {
  const [image, repository] = [random.pick(images), random.pick(REPOSITORIES)];
  for (const blob of image.blobs) {
    const response = await pushBlob({ url, repository }, blob, random.pick(UPLOAD_FORMS));
    if (response.status !== 201) return response;
  }
  return await pushManifest({ url, repository }, image, random.pick(TAGS));
}

async function pushSomeIndex(url: string, { indexes }: SharedContent, random: Random): Promise<HttpResponse> {
  return await pushManifest(
    { url, repository: random.pick(REPOSITORIES) },
    random.pick(indexes),
    random.pick(TAGS),
  );
}

async function mountSomeBlob(url: string, { blobs }: SharedContent, random: Random): Promise<HttpResponse> {
  const [from, to] = random.chance(0.5) ? REPOSITORIES : REPOSITORIES.toReversed();
  const source = random.chance(0.7) ? `&from=${from}` : "";
  return await sendRequest(`${url}/v2/${to}/blobs/uploads/?mount=${random.pick(blobs).digest}${source}`, {
    method: "POST",
  });
}

async function deleteSomeBlob(url: string, { blobs }: SharedContent, random: Random): Promise<HttpResponse> {
  const path = `${random.pick(REPOSITORIES)}/blobs/${random.pick(blobs).digest}`;
  return await sendRequest(`${url}/v2/${path}`, { method: "DELETE" });
}

async function deleteSomeManifest(
  url: string,
  { images, indexes }: SharedContent,
  random: Random,
): Promise<HttpResponse> {
  const path = `${random.pick(REPOSITORIES)}/manifests/${random.pick([...images, ...indexes]).digest}`;
  return await sendRequest(`${url}/v2/${path}`, { method: "DELETE" });
}

async function deleteSomeTag(url: string, _content: SharedContent, random: Random): Promise<HttpResponse> {
  return await sendRequest(`${url}/v2/${random.pick(REPOSITORIES)}/manifests/${random.pick(TAGS)}`, {
    method: "DELETE",
  });
}

async function cancelUpload(url: string, _content: SharedContent, random: Random): Promise<HttpResponse> {
  const begun = await sendRequest(`${url}/v2/${random.pick(REPOSITORIES)}/blobs/uploads/`, {
    method: "POST",
  });
  return await sendRequest(locationOf(begun, { url }), { method: "DELETE" });
}

async function pullSomeTag(url: string, _content: SharedContent, random: Random): Promise<HttpResponse> {
  return await sendRequest(`${url}/v2/${random.pick(REPOSITORIES)}/manifests/${random.pick(TAGS)}`);
}
