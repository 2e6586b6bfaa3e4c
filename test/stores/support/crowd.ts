import { measureTime, median } from "../../soak/figures.ts";
import { requireStatus } from "../../soak/support/client.ts";
import { createContent } from "../../soak/support/content.ts";
import { createImage, type Manifest } from "../../soak/support/images.ts";
import type { Journal } from "../../soak/support/journal.ts";
import { pushBlob, pushManifest, UPLOAD_FORMS } from "../../soak/support/push.ts";

const CLIENTS = 10;
const REPOSITORY = "stores/crowd";
const TAG = "latest";

/** Options for `pushAtOnce`. */
export interface CrowdOptions {
  readonly url: string;
  readonly journal: Journal;
  readonly seed: string;
  readonly rounds: number;
  /** Whether all clients push the same image, or each a different one. */
  readonly same: boolean;
}

/** Pushes with ten concurrent clients: all upload all blobs without checking for existing ones, then all move the tag. */
export async function pushAtOnce({ url, journal, seed, rounds, same }: CrowdOptions): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const images = Array.from({ length: CLIENTS }, (_, client) =>
      imageOf(`${seed}/${round}/${same ? "" : client}`),
    );
    const blobs = await measureTime(
      Promise.all(images.map((image, client) => pushBlobs(url, image, client, journal))),
    );
    const tags = await measureTime(Promise.all(images.map((image) => moveTag(url, image, journal))));
    times.push(blobs.ms + tags.ms);
  }
  return `${rounds * CLIENTS} pushes, all returned 201; a round takes ${median(times).toFixed(0)} ms (median)`;
}

function imageOf(seed: string): Manifest {
  const layers = [createContent(`${seed}/small`, 30_000), createContent(`${seed}/large`, 2_000_000)];
  return createImage(createContent(`${seed}/config`, 400), layers);
}

async function pushBlobs(url: string, image: Manifest, client: number, journal: Journal): Promise<void> {
  const style = UPLOAD_FORMS[client % UPLOAD_FORMS.length] ?? "put";
  for (const blob of image.blobs) {
    requireStatus(await pushBlob({ url, repository: REPOSITORY }, blob, style), 201);
    journal.blob(REPOSITORY, blob).stored = true;
  }
}

async function moveTag(url: string, image: Manifest, journal: Journal): Promise<void> {
  const moved = journal.startTagMove(REPOSITORY, TAG, image.digest);
  requireStatus(await pushManifest({ url, repository: REPOSITORY }, image, TAG), 201);
  moved();
  journal.manifest(REPOSITORY, image).stored = true;
}
