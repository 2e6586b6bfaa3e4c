import type { Client } from "../../client/client.ts";
import { type Blob, bytesBlob, randomBlob, SEED_BYTES } from "../../client/content.ts";
import { translateClientError } from "../findings/client-failure.ts";
import { Unmet } from "../findings/finding.ts";
import type { Ledger } from "./ledger.ts";
import { type Image, imageOf, pushManifest } from "./manifest.ts";
import { type Pushed, pushByPut } from "./upload.ts";

export interface VisitOptions {
  readonly client: Client;
  readonly ledger: Ledger;
  readonly repository: string;
  /** Bytes of the large bodies. */
  readonly size: number;
  /** Seconds of the long upload; undefined for none. */
  readonly duration: number | undefined;
  readonly random: (bytes: number) => Uint8Array;
  readonly onSent: (sent: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Bytes of the blob that most checks are about: more than a packet, less than any limit. */
const SMALL_BYTES = 300_000;

/** What the checks of one run share. What several of them need is pushed once, by whoever needs it first. */
export class Visit {
  readonly options: VisitOptions;
  readonly client: Client;
  readonly ledger: Ledger;
  /** Where blobs and manifests lie, for example `/v2/dockless-doctor/4f53`. */
  readonly root: string;
  #blob: Promise<Pushed> | undefined;
  #image: Promise<Image> | undefined;

  constructor(options: VisitOptions) {
    this.options = options;
    this.client = options.client;
    this.ledger = options.ledger;
    this.root = `/v2/${options.repository}`;
  }

  async randomBlob(size: number): Promise<Blob> {
    return await randomBlob(this.options.random(SEED_BYTES), size);
  }

  /** A pushed blob, for checks of something else. */
  async blob(): Promise<Blob> {
    return (await this.firstPush().catch(unmet("push-put"))).blob;
  }

  /** A pushed image, for checks of something else. */
  async image(): Promise<Image> {
    return await this.firstManifest().catch(unmet("push-manifest"));
  }

  /** How that blob was pushed. */
  async firstPush(): Promise<Pushed> {
    this.#blob ??= this.randomBlob(SMALL_BYTES).then((blob) => pushByPut(this, blob));
    return await this.#blob;
  }

  async firstManifest(): Promise<Image> {
    this.#image ??= this.#pushImage();
    return await this.#image;
  }

  async #pushImage(): Promise<Image> {
    const layer = await this.blob();
    const config = bytesBlob(
      Buffer.from(`{"seed":"${Buffer.from(this.options.random(8)).toString("hex")}"}`),
    );
    await pushByPut(this, config).catch(unmet("push-put"));
    const image = imageOf(config, layer);
    return { ...image, answer: await pushManifest(this, "doctor", image) };
  }
}

function unmet(check: string): (error: unknown) => never {
  return (error) => {
    const translated = translateClientError(error);
    throw translated instanceof Unmet ? translated : new Unmet(check, translated);
  };
}
