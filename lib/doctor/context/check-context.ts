import type { Client } from "../../client/client.ts";
import { type Blob, createBlob, createRandomBlob, SEED_BYTES } from "../../client/content.ts";
import { translateClientError } from "../findings/client-failure.ts";
import { UnmetPrerequisite } from "../findings/finding.ts";
import type { CleanupList } from "./cleanup-list.ts";
import { createImage, type PushedManifest, pushManifest } from "./manifest.ts";
import { type PushedBlob, pushBlob } from "./upload.ts";

/** Options of a `CheckContext`. */
export interface CheckContextOptions {
  readonly client: Client;
  readonly cleanup: CleanupList;
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
export class CheckContext {
  readonly options: CheckContextOptions;
  readonly client: Client;
  readonly cleanup: CleanupList;
  /** Path of the repository, for example `/v2/dockless-doctor/4f53`. */
  readonly root: string;
  #blob: Promise<PushedBlob> | undefined;
  #image: Promise<PushedManifest> | undefined;

  constructor(options: CheckContextOptions) {
    this.options = options;
    this.client = options.client;
    this.cleanup = options.cleanup;
    this.root = `/v2/${options.repository}`;
  }

  /** Creates a blob of random bytes. @param size in bytes */
  async createRandomBlob(size: number): Promise<Blob> {
    return await createRandomBlob(this.options.random(SEED_BYTES), size);
  }

  /** Returns the shared blob. @throws UnmetPrerequisite if its push failed */
  async getBlob(): Promise<Blob> {
    return (await this.pushSharedBlob().catch(attributeTo("push-put"))).blob;
  }

  /** Returns the shared image. @throws UnmetPrerequisite if its push failed */
  async getImage(): Promise<PushedManifest> {
    return await this.pushSharedImage().catch(attributeTo("push-manifest"));
  }

  /** Pushes the shared blob on first use. @throws CheckFailure if its push failed */
  async pushSharedBlob(): Promise<PushedBlob> {
    this.#blob ??= this.createRandomBlob(SHARED_BLOB_BYTES).then((blob) => pushBlob(this, blob));
    return await this.#blob;
  }

  /** Pushes the shared image on first use. @throws CheckFailure if its push failed */
  async pushSharedImage(): Promise<PushedManifest> {
    this.#image ??= this.#pushImage();
    return await this.#image;
  }

  async #pushImage(): Promise<PushedManifest> {
    const layer = await this.getBlob();
    const config = createBlob(
      Buffer.from(`{"seed":"${Buffer.from(this.options.random(8)).toString("hex")}"}`),
    );
    await pushBlob(this, config).catch(attributeTo("push-put"));
    const image = createImage(config, layer);
    return { ...image, response: await pushManifest(this, "doctor", image) };
  }
}

/** Returns a handler that attributes an error to the check that covers it. */
function attributeTo(check: string): (error: unknown) => never {
  return (error) => {
    const translated = translateClientError(error);
    throw translated instanceof UnmetPrerequisite ? translated : new UnmetPrerequisite(check, translated);
  };
}
