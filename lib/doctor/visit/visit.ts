import type { Client } from "../../client/client.ts";
import { type Blob, bytesBlob, randomBlob, SEED_BYTES } from "../../client/content.ts";
import { translateClientError } from "../findings/client-failure.ts";
import { Unmet } from "../findings/finding.ts";
import type { Ledger } from "./ledger.ts";
import { type Image, imageOf, pushManifest } from "./manifest.ts";
import { type Pushed, pushByPut } from "./upload.ts";

/** Options of a `CheckContext`. */
export interface VisitOptions {
  readonly client: Client;
  readonly cleanup: Ledger;
  readonly repository: string;
  /** Size of large bodies in bytes. */
  readonly size: number;
  /** Duration of the long upload in seconds; if undefined, that check is skipped. */
  readonly duration: number | undefined;
  readonly random: (bytes: number) => Uint8Array;
  readonly onSent: (sent: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Size of the blob that most checks share: larger than a packet, smaller than any limit. */
const SHARED_BLOB_BYTES = 300_000;

/** The state that the checks of one run share. Shared content is pushed once, on first use. */
export class Visit {
  readonly options: VisitOptions;
  readonly client: Client;
  readonly cleanup: Ledger;
  /** Path of the repository, for example `/v2/dockless-doctor/4f53`. */
  readonly root: string;
  #blob: Promise<Pushed> | undefined;
  #image: Promise<Image> | undefined;

  constructor(options: VisitOptions) {
    this.options = options;
    this.client = options.client;
    this.cleanup = options.cleanup;
    this.root = `/v2/${options.repository}`;
  }

  /** Creates a blob of random bytes. @param size in bytes */
  async randomBlob(size: number): Promise<Blob> {
    return await randomBlob(this.options.random(SEED_BYTES), size);
  }

  /** Returns the shared blob. @throws UnmetPrerequisite if its push failed */
  async blob(): Promise<Blob> {
    return (await this.firstPush().catch(attributeTo("push-put"))).blob;
  }

  /** Returns the shared image. @throws UnmetPrerequisite if its push failed */
  async image(): Promise<Image> {
    return await this.firstManifest().catch(attributeTo("push-manifest"));
  }

  /** Pushes the shared blob on first use. @throws CheckFailure if its push failed */
  async firstPush(): Promise<Pushed> {
    this.#blob ??= this.randomBlob(SHARED_BLOB_BYTES).then((blob) => pushByPut(this, blob));
    return await this.#blob;
  }

  /** Pushes the shared image on first use. @throws CheckFailure if its push failed */
  async firstManifest(): Promise<Image> {
    this.#image ??= this.#pushImage();
    return await this.#image;
  }

  async #pushImage(): Promise<Image> {
    const layer = await this.blob();
    const config = bytesBlob(
      Buffer.from(`{"seed":"${Buffer.from(this.options.random(8)).toString("hex")}"}`),
    );
    await pushByPut(this, config).catch(attributeTo("push-put"));
    const image = imageOf(config, layer);
    return { ...image, response: await pushManifest(this, "doctor", image) };
  }
}

/** Returns a handler that attributes an error to the check that covers it. */
function attributeTo(check: string): (error: unknown) => never {
  return (error) => {
    const translated = translateClientError(error);
    throw translated instanceof Unmet ? translated : new Unmet(check, translated);
  };
}
