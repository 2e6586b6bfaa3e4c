import { globalAgent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../../local-cloud/support/random.ts";
import { blobFiles, wrongFiles } from "../data-folder.ts";
import { requireNone } from "../report.ts";
import { Served } from "../served.ts";
import { type Started, start } from "../servers.ts";
import type { Site } from "../sites.ts";
import { type Answer, CutOffError, call } from "../support/client.ts";
import { type Content, makeContent } from "../support/content.ts";
import { type Manifest, makeImage, makeIndex } from "../support/images.ts";
import { locationOf, pushBlob, pushManifest, STYLES } from "../support/push.ts";

const REPOSITORIES = ["soak/storm/a", "soak/storm/b"];
const TAGS = ["latest", "v1"];
const WORKERS = 10;

export interface StormPlan {
  readonly seconds: number;
  /** Number of times that the load ends in a kill and starts again. */
  readonly crashes: number;
  readonly seed: string;
}

/** So few objects that workers constantly conflict on them. */
interface World {
  readonly blobs: readonly Content[];
  readonly images: readonly Manifest[];
  readonly indexes: readonly Manifest[];
}

/**
 * Actions of a worker, and the responses that each may receive. 405 means that a dependent exists, 429 that other workers
 * were faster too many times; neither is a valid response to a push.
 */
interface Deed {
  readonly allowed: readonly number[];
  readonly weight: number;
  run(url: string, world: World, random: Random): Promise<Answer>;
}

const DEEDS: Readonly<Record<string, Deed>> = {
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

export async function storm(first: Started, site: Site, plan: StormPlan): Promise<string> {
  const world = makeWorld(plan.seed);
  const problems: string[] = [];
  const counts = new Map<string, number>();
  let server = first;
  for (let crash = 0; crash <= plan.crashes && problems.length === 0; crash++) {
    const isLast = crash === plan.crashes;
    const workers = { world, seed: `${plan.seed}/${crash}`, counts, problems };
    await rage(server, isLast ? undefined : site, plan.seconds * 1000, workers);
    if (!isLast) server = await start(site.data);
    await verify(server, world, problems);
  }
  await server.stop();
  const wrong = await wrongFiles(site.data, await blobFiles(site.data));
  problems.push(...wrong.map((digest) => `the file of ${digest} has other bytes`));
  const deeds = [...counts].sort().map(([what, count]) => `${what} ${count}`);
  return requireNone(problems, deeds.join(", "));
}

function makeWorld(seed: string): World {
  const blobs = Array.from({ length: 5 }, (_, index) =>
    makeContent(`${seed}/storm/${index}`, 400 + index * 90_000),
  );
  const images = blobs.flatMap((config, index) =>
    blobs.slice(index + 1, index + 3).map((layer) => makeImage(config, [layer])),
  );
  const indexes = [makeIndex(images.slice(0, 2)), makeIndex(images.slice(1, 4))];
  return { blobs, images, indexes };
}

interface Workers {
  readonly world: World;
  readonly seed: string;
  readonly counts: Map<string, number>;
  readonly problems: string[];
}

/** @param site the site on which the load ends in a crash; without one it ends normally */
async function rage(
  server: Started,
  site: Site | undefined,
  milliseconds: number,
  workers: Workers,
): Promise<void> {
  let isOver = false;
  let isCrashed = false;
  const running = Array.from({ length: WORKERS }, async (_, worker) => {
    const random = new Random(`${workers.seed}/${worker}`);
    while (!isOver) {
      try {
        await doSomething(server.url, random, workers);
      } catch (error) {
        if (!(isCrashed && error instanceof CutOffError)) workers.problems.push(`${error}`);
        return;
      }
    }
  });
  await sleep(milliseconds);
  isOver = true;
  if (site !== undefined) {
    isCrashed = true;
    await site.crash(server);
  }
  await Promise.all(running);
  globalAgent.destroy();
}

async function doSomething(url: string, random: Random, { world, counts, problems }: Workers): Promise<void> {
  const names = Object.entries(DEEDS).flatMap(([name, { weight }]) =>
    Array.from({ length: weight }, () => name),
  );
  const name = random.pick(names);
  const deed = DEEDS[name];
  if (deed === undefined) return;
  const answer = await deed.run(url, world, random);
  const key = `${name}: ${answer.status}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
  if (!deed.allowed.includes(answer.status))
    problems.push(`${answer.asked} answered ${answer.status}: ${answer.body}`);
}

/** After the load, everything that exists must be complete. */
async function verify(server: Started, { images, indexes, blobs }: World, problems: string[]): Promise<void> {
  // An index may be pushed just after its images were deleted: it is then a sparse one.
  const served = new Served(server.url, { allowsSparse: true });
  for (const repository of REPOSITORIES) {
    for (const tag of await served.tags(repository)) {
      if ((await served.resolve(repository, tag)) === undefined)
        problems.push(`${repository}:${tag} is listed, but unknown`);
    }
    for (const { digest } of [...images, ...indexes]) await served.manifest(repository, digest);
    for (const { digest } of blobs) await served.blob(repository, digest);
  }
  problems.push(...served.problems);
}

async function pushSomeBlob(url: string, { blobs }: World, random: Random): Promise<Answer> {
  return await pushBlob(
    { url, repository: random.pick(REPOSITORIES) },
    random.pick(blobs),
    random.pick(STYLES),
  );
}

async function pushSomeImage(url: string, { images }: World, random: Random): Promise<Answer> {
  const image = random.pick(images);
  const reference = random.chance(0.3) ? image.digest : random.pick(TAGS);
  return await pushManifest({ url, repository: random.pick(REPOSITORIES) }, image, reference);
}

async function pushWholeImage(url: string, { images }: World, random: Random): Promise<Answer> {
  const [image, repository] = [random.pick(images), random.pick(REPOSITORIES)];
  for (const blob of image.blobs) {
    const answer = await pushBlob({ url, repository }, blob, random.pick(STYLES));
    if (answer.status !== 201) return answer;
  }
  return await pushManifest({ url, repository }, image, random.pick(TAGS));
}

async function pushSomeIndex(url: string, { indexes }: World, random: Random): Promise<Answer> {
  return await pushManifest(
    { url, repository: random.pick(REPOSITORIES) },
    random.pick(indexes),
    random.pick(TAGS),
  );
}

async function mountSomeBlob(url: string, { blobs }: World, random: Random): Promise<Answer> {
  const [from, to] = random.chance(0.5) ? REPOSITORIES : REPOSITORIES.toReversed();
  const source = random.chance(0.7) ? `&from=${from}` : "";
  return await call(`${url}/v2/${to}/blobs/uploads/?mount=${random.pick(blobs).digest}${source}`, {
    method: "POST",
  });
}

async function deleteSomeBlob(url: string, { blobs }: World, random: Random): Promise<Answer> {
  const path = `${random.pick(REPOSITORIES)}/blobs/${random.pick(blobs).digest}`;
  return await call(`${url}/v2/${path}`, { method: "DELETE" });
}

async function deleteSomeManifest(url: string, { images, indexes }: World, random: Random): Promise<Answer> {
  const path = `${random.pick(REPOSITORIES)}/manifests/${random.pick([...images, ...indexes]).digest}`;
  return await call(`${url}/v2/${path}`, { method: "DELETE" });
}

async function deleteSomeTag(url: string, _world: World, random: Random): Promise<Answer> {
  return await call(`${url}/v2/${random.pick(REPOSITORIES)}/manifests/${random.pick(TAGS)}`, {
    method: "DELETE",
  });
}

async function cancelUpload(url: string, _world: World, random: Random): Promise<Answer> {
  const begun = await call(`${url}/v2/${random.pick(REPOSITORIES)}/blobs/uploads/`, { method: "POST" });
  return await call(locationOf(begun, { url }), { method: "DELETE" });
}

async function pullSomeTag(url: string, _world: World, random: Random): Promise<Answer> {
  return await call(`${url}/v2/${random.pick(REPOSITORIES)}/manifests/${random.pick(TAGS)}`);
}
