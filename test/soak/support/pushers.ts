import type { Random } from "../../../local-cloud/support/random.ts";
import { call, requireStatus } from "./client.ts";
import { type Content, makeContent } from "./content.ts";
import { type Manifest, makeImage, makeIndex } from "./images.ts";
import type { Journal } from "./journal.ts";
import { pushBlob, pushManifest, STYLES, type Style } from "./push.ts";

const REPOSITORIES = ["soak/one", "soak/two/nested"];
const TAGS = ["latest", "v1", "v2"];

export interface Job {
  readonly repository: string;
  readonly tag: string;
  readonly manifest: Manifest;
  readonly style: Style;
}

/** The layers of the images; few are large, so that checking all of them is fast. */
export function makeLayers(seed: string, large: { readonly count: number; readonly size: number }) {
  const small = Array.from({ length: 12 }, (_, index) =>
    makeContent(`${seed}/small/${index}`, 700 + index * 17_001),
  );
  const sizes = Array.from({ length: large.count }, (_, index) => large.size + index * 12_345);
  return { small, large: sizes.map((size, index) => makeContent(`${seed}/large/${index}`, size)) };
}

export type Layers = ReturnType<typeof makeLayers>;

/** Chooses the next push: never the same image twice, often the same layers. */
export class Jobs {
  readonly #random: Random;
  readonly #layers: Layers;
  readonly #name: string;
  readonly #done: Job[] = [];
  #count = 0;

  constructor(random: Random, layers: Layers, name: string) {
    this.#random = random;
    this.#layers = layers;
    this.#name = name;
  }

  /** Every fifth job only moves a tag to an image that was already pushed. */
  next(): Job {
    const random = this.#random;
    const tag = random.pick(TAGS);
    if (this.#done.length > 0 && random.chance(0.2)) return { ...random.pick(this.#done), tag };
    const manifest = random.chance(0.2) ? makeIndex([this.#image(), this.#image()]) : this.#image();
    const job = { repository: random.pick(REPOSITORIES), tag, manifest, style: random.pick(STYLES) };
    this.#done.push(job);
    return job;
  }

  #image(): Manifest {
    const random = this.#random;
    const config = makeContent(`${this.#name}/config/${this.#count++}`, random.between(200, 900));
    const layers: Content[] = [random.pick(this.#layers.small)];
    if (random.chance(0.5)) layers.push(random.pick(this.#layers.small));
    if (random.chance(0.4)) layers.push(random.pick(this.#layers.large));
    return makeImage(config, layers, random.chance(0.15) ? 100_000 : 0);
  }
}

/** Pushes an image like clients: missing blobs, then manifests, the tag last; sometimes only the tag. */
export async function perform(url: string, job: Job, journal: Journal, always = false): Promise<void> {
  await pushParts(url, job, job.manifest, journal, always);
  const { repository, tag, manifest } = job;
  const moved = journal.moving(repository, tag, manifest.digest);
  const entry = journal.manifest(repository, manifest);
  requireStatus(await pushManifest({ url, repository }, manifest, tag), 201);
  moved();
  entry.stored = true;
}

async function pushParts(url: string, job: Job, manifest: Manifest, journal: Journal, always: boolean) {
  const { repository, style } = job;
  for (const child of manifest.children) {
    await pushParts(url, job, child, journal, always);
    const entry = journal.manifest(repository, child);
    requireStatus(await pushManifest({ url, repository }, child, child.digest), 201);
    entry.stored = true;
  }
  for (const blob of manifest.blobs) {
    const entry = journal.blob(repository, blob);
    if (!always && (await isThere(`${url}/v2/${repository}/blobs/${blob.digest}`))) continue;
    requireStatus(await pushBlob({ url, repository }, blob, style), 201);
    entry.stored = true;
  }
}

async function isThere(url: string): Promise<boolean> {
  return requireStatus(await call(url, { method: "HEAD" }), 200, 404).status === 200;
}
