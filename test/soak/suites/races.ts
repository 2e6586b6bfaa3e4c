import { check } from "../check.ts";
import { median, stagedFiles, timed } from "../figures.ts";
import { requireNone } from "../report.ts";
import { Served } from "../served.ts";
import type { Started } from "../servers.ts";
import { requireStatus } from "../support/client.ts";
import { makeContent } from "../support/content.ts";
import { type Manifest, makeImage } from "../support/images.ts";
import { Journal } from "../support/journal.ts";
import { pushBlob, STYLES, type Style } from "../support/push.ts";
import { perform } from "../support/pushers.ts";

const REPOSITORY = "soak/race";
const CLIENTS = 10;

/** All clients upload all blobs, without checking whether they exist. */
export async function pushTheSame(server: Started, rounds: number, seed: string): Promise<string> {
  return await inRounds(server, rounds, (round) => {
    const image = makeImageOf(`${seed}/same/${round}`);
    return Array.from({ length: CLIENTS }, () => image);
  });
}

/** The last client wins the tag, with a complete image. */
export async function race(server: Started, rounds: number, seed: string): Promise<string> {
  return await inRounds(server, rounds, (round) => {
    return Array.from({ length: CLIENTS }, (_, client) => makeImageOf(`${seed}/race/${round}/${client}`));
  });
}

async function inRounds(
  server: Started,
  rounds: number,
  imagesOf: (round: number) => readonly Manifest[],
): Promise<string> {
  const journal = new Journal();
  const problems: string[] = [];
  const times: number[] = [];
  const winners = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    const images = imagesOf(round);
    const pushing = pushAll(server, images, journal);
    let isOver = false;
    const watching = watch(server, () => isOver, problems);
    const { ms } = await timed(pushing.finally(() => (isOver = true)));
    await watching;
    times.push(ms);
    const winner = await new Served(server.url).resolve(REPOSITORY, "latest");
    winners.add(images.findIndex(({ digest }) => digest === winner));
  }
  if (winners.has(-1)) problems.push("a tag has a digest that nobody pushed in that round");
  problems.push(...(await check(server.url, journal)).problems);
  const staged = await stagedFiles(server.data);
  if (staged.length > 0) problems.push(`${staged.length} staged files are left`);
  const figures = `${rounds * CLIENTS} pushes, all answered 201; a round takes ${median(times).toFixed(0)} ms (median)`;
  return requireNone(problems, `${figures}; ${winners.size} different winners`);
}

function makeImageOf(seed: string): Manifest {
  const layers = [makeContent(`${seed}/small`, 30_000), makeContent(`${seed}/large`, 2_000_000)];
  return makeImage(makeContent(`${seed}/config`, 400), layers);
}

/** Sends all blobs concurrently, then all manifests. */
async function pushAll({ url }: Started, images: readonly Manifest[], journal: Journal): Promise<void> {
  const target = { url, repository: REPOSITORY };
  const pushBlobs = async (manifest: Manifest, style: Style) => {
    for (const blob of manifest.blobs) {
      requireStatus(await pushBlob(target, blob, style), 201);
      journal.blob(REPOSITORY, blob).stored = true;
    }
  };
  const styleOf = (client: number) => STYLES[client % STYLES.length] ?? "put";
  await Promise.all(images.map((image, client) => pushBlobs(image, styleOf(client))));
  await Promise.all(
    images.map((manifest, client) => {
      return perform(url, { ...target, tag: "latest", manifest, style: styleOf(client) }, journal);
    }),
  );
}

/** Concurrent pulls return one of the images, complete. */
async function watch({ url }: Started, isOver: () => boolean, problems: string[]): Promise<void> {
  while (!isOver()) {
    const served = new Served(url);
    await served.resolve(REPOSITORY, "latest");
    problems.push(...served.problems);
  }
}
