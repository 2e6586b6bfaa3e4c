import { check } from "../check.ts";
import { listStagedFiles, measureTime, median } from "../figures.ts";
import { requireNone } from "../report.ts";
import { ServedContent } from "../served-content.ts";
import type { StartedServer } from "../servers.ts";
import { requireStatus } from "../support/client.ts";
import { createContent } from "../support/content.ts";
import { createImage, type Manifest } from "../support/images.ts";
import { Journal } from "../support/journal.ts";
import { pushBlob, UPLOAD_FORMS, type UploadForm } from "../support/push.ts";
import { performPush } from "../support/pushers.ts";

const REPOSITORY = "soak/race";
const CLIENT_COUNT = 10;

/** Lets clients push the same image, each with all its blobs, as if none of them had checked which exist. @returns figures */
export async function pushSameImage(server: StartedServer, rounds: number, seed: string): Promise<string> {
  return await inRounds(server, rounds, (round) => {
    const image = makeImageOf(`${seed}/same/${round}`);
    return Array.from({ length: CLIENT_COUNT }, () => image);
  });
}

/** Lets clients push different images to the same tag: the tag names one of them, which is complete. @returns figures */
export async function pushDifferentImages(
  server: StartedServer,
  rounds: number,
  seed: string,
): Promise<string> {
  return await inRounds(server, rounds, (round) => {
    return Array.from({ length: CLIENT_COUNT }, (_, client) =>
      makeImageOf(`${seed}/race/${round}/${client}`),
    );
  });
}

async function inRounds(
  server: StartedServer,
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
    let hasEnded = false;
    const watching = watch(server, () => hasEnded, problems);
    const { ms } = await measureTime(pushing.finally(() => (hasEnded = true)));
    await watching;
    times.push(ms);
    const winner = await new ServedContent(server.url).resolve(REPOSITORY, "latest");
    winners.add(images.findIndex(({ digest }) => digest === winner));
  }
  if (winners.has(-1)) problems.push("a tag has a digest that no client pushed in that round");
  problems.push(...(await check(server.url, journal)).problems);
  const staged = await listStagedFiles(server.data);
  if (staged.length > 0) problems.push(`${staged.length} staged files are left`);
  const figures = `${rounds * CLIENT_COUNT} pushes, all with status 201; a round takes ${median(times).toFixed(0)} ms (median)`;
  return requireNone(problems, `${figures}; ${winners.size} different winners`);
}

function makeImageOf(seed: string): Manifest {
  const layers = [createContent(`${seed}/small`, 30_000), createContent(`${seed}/large`, 2_000_000)];
  return createImage(createContent(`${seed}/config`, 400), layers);
}

/** Pushes all blobs concurrently, then all manifests concurrently. */
async function pushAll({ url }: StartedServer, images: readonly Manifest[], journal: Journal): Promise<void> {
  const target = { url, repository: REPOSITORY };
  const pushBlobs = async (manifest: Manifest, style: UploadForm) => {
    for (const blob of manifest.blobs) {
      requireStatus(await pushBlob(target, blob, style), 201);
      journal.blob(REPOSITORY, blob).stored = true;
    }
  };
  const styleOf = (client: number) => UPLOAD_FORMS[client % UPLOAD_FORMS.length] ?? "put";
  await Promise.all(images.map((image, client) => pushBlobs(image, styleOf(client))));
  await Promise.all(
    images.map((manifest, client) => {
      return performPush(url, { ...target, tag: "latest", manifest, style: styleOf(client) }, journal);
    }),
  );
}

/** Verifies, until the pushes end, that a pull returns one of the images, complete. */
async function watch({ url }: StartedServer, hasEnded: () => boolean, problems: string[]): Promise<void> {
  while (!hasEnded()) {
    const served = new ServedContent(url);
    await served.resolve(REPOSITORY, "latest");
    problems.push(...served.problems);
  }
}
