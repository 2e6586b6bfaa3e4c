import type { Random } from "../../../local-cloud/support/random.ts";
import { requireStatus, sendRequest } from "./client.ts";
import { type Content, createContent } from "./content.ts";
import { createImage, createIndex, type Manifest } from "./images.ts";
import type { Journal } from "./journal.ts";
import { pushBlob, pushManifest, UPLOAD_FORMS, type UploadForm } from "./push.ts";

const REPOSITORIES = ["soak/one", "soak/two/nested"];
const TAGS = ["latest", "v1", "v2"];

/** A push of an image or index. */
export interface PushJob {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: Manifest;
  readonly style: UploadForm;
}

/** Creates the layers that images share: many small ones, and few large ones, because each check reads all of them. */
export function createLayers(seed: string, large: { readonly count: number; readonly size: number }) {
  const small = Array.from({ length: 12 }, (_, index) =>
    createContent(`${seed}/small/${index}`, 700 + index * 17_001),
  );
  const sizes = Array.from({ length: large.count }, (_, index) => large.size + index * 12_345);
  return { small, large: sizes.map((size, index) => createContent(`${seed}/large/${index}`, size)) };
}

/** Layers that images share. */
export type Layers = ReturnType<typeof createLayers>;

/** Generator of random pushes: each image is new, and often shares layers with others. */
export class PushJobGenerator {
  readonly #random: Random;
  readonly #layers: Layers;
  readonly #name: string;
  readonly #done: PushJob[] = [];
  #count = 0;

  constructor(random: Random, layers: Layers, name: string) {
    this.#random = random;
    this.#layers = layers;
    this.#name = name;
  }

  /** Returns the next push. One in five moves a tag to an image that was pushed before. */
  next(): PushJob {
    const random = this.#random;
    const tag = random.pick(TAGS);
    if (this.#done.length > 0 && random.chance(0.2)) return { ...random.pick(this.#done), tag };
    const manifest = random.chance(0.2) ? createIndex([this.#image(), this.#image()]) : this.#image();
    const job = { repository: random.pick(REPOSITORIES), tag, manifest, style: random.pick(UPLOAD_FORMS) };
    this.#done.push(job);
    return job;
  }

  #image(): Manifest {
    const random = this.#random;
    const config = createContent(`${this.#name}/config/${this.#count++}`, random.between(200, 900));
    const layers: Content[] = [random.pick(this.#layers.small)];
    if (random.chance(0.5)) layers.push(random.pick(this.#layers.small));
    if (random.chance(0.4)) layers.push(random.pick(this.#layers.large));
    return createImage(config, layers, random.chance(0.15) ? 100_000 : 0);
  }
}

/**
 * Pushes an image as clients do: missing blobs, then manifests, the tag last.
 *
 * @param pushesExisting whether to push blobs that the registry has
 */
export async function performPush(
  url: string,
  job: PushJob,
  journal: Journal,
  pushesExisting = false,
): Promise<void> {
  await pushDependencies(url, job, job.manifest, journal, pushesExisting);
  const { repository, tag, manifest } = job;
  const confirm = journal.startTagMove(repository, tag, manifest.digest);
  const entry = journal.manifest(repository, manifest);
  requireStatus(await pushManifest({ url, repository }, manifest, tag), 201);
  confirm();
  entry.stored = true;
}

async function pushDependencies(
  url: string,
  job: PushJob,
  manifest: Manifest,
  journal: Journal,
  pushesExisting: boolean,
) {
  const { repository, style } = job;
  for (const child of manifest.children) {
    await pushDependencies(url, job, child, journal, pushesExisting);
    const entry = journal.manifest(repository, child);
    requireStatus(await pushManifest({ url, repository }, child, child.digest), 201);
    entry.stored = true;
  }
  for (const blob of manifest.blobs) {
    const entry = journal.blob(repository, blob);
    if (!pushesExisting && (await exists(`${url}/v2/${repository}/blobs/${blob.digest}`))) continue;
    requireStatus(await pushBlob({ url, repository }, blob, style), 201);
    entry.stored = true;
  }
}

async function exists(url: string): Promise<boolean> {
  return requireStatus(await sendRequest(url, { method: "HEAD" }), 200, 404).status === 200;
}
