import type { Digest } from "../../lib/oci/digest.ts";
import { parseReference, parseTag, type Tag } from "../../lib/oci/reference.ts";
import { parseRepositoryName, type RepositoryName } from "../../lib/oci/repository-name.ts";
import { deleteBlob, mountBlob, putBlob, statBlob } from "../../lib/registry/blobs.ts";
import { deleteManifest } from "../../lib/registry/manifests/delete.ts";
import { getManifest } from "../../lib/registry/manifests/get.ts";
import type { Precondition } from "../../lib/registry/manifests/precondition.ts";
import { type PushedManifest, pushManifest } from "../../lib/registry/manifests/push.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { bodyOf, type Content } from "./content.ts";
import { createMemoryRegistry } from "./memory.ts";

/** Options of a push. */
export interface PushOptions {
  readonly tags?: readonly string[];
  readonly precondition?: Precondition;
  readonly digest?: Digest;
  readonly contentType?: string;
}

/** Client of one repository with short method names. */
export class Repository {
  readonly registry: RegistryContext;
  readonly name: RepositoryName;

  constructor(registry: RegistryContext, name: string) {
    this.registry = registry;
    this.name = parseRepositoryName(name);
  }

  async upload(...blobs: readonly Content[]): Promise<void> {
    for (const { digest, bytes } of blobs) await putBlob(this.registry, this.name, digest, bodyOf(bytes));
  }

  async push(content: Content, options: PushOptions = {}): Promise<PushedManifest> {
    return await pushManifest(this.registry, this.name, {
      body: content.bytes,
      contentType: options.contentType ?? content.mediaType,
      digest: options.digest,
      tags: (options.tags ?? []).map(parseTag),
      precondition: options.precondition,
    });
  }

  /** Returns the digest and bytes of a tag or digest. */
  async pull(reference: string): Promise<Content> {
    const found = await getManifest(this.registry, this.name, parseReference(reference));
    return { digest: found.digest, mediaType: found.mediaType, bytes: await found.load() };
  }

  async digestOf(tag: string): Promise<Digest> {
    return (await this.pull(tag)).digest;
  }

  async remove(reference: string, precondition?: Precondition): Promise<void> {
    await deleteManifest(this.registry, this.name, parseReference(reference), precondition);
  }

  async deleteBlob({ digest }: Content): Promise<void> {
    await deleteBlob(this.registry, this.name, digest);
  }

  async sizeOf({ digest }: Content): Promise<number> {
    return (await statBlob(this.registry, this.name, digest)).size;
  }

  async mount({ digest }: Content, from?: string): Promise<boolean> {
    const source = from === undefined ? undefined : parseRepositoryName(from);
    return await mountBlob(this.registry, this.name, digest, source);
  }
}

/** Creates a registry in memory whose repository `library/image` has some blobs. */
export async function createImageRepository(...blobs: readonly Content[]) {
  const memory = createMemoryRegistry();
  const repository = new Repository(memory.registry, "library/image");
  await repository.upload(...blobs);
  return { memory, repository };
}

/** Returns tags with a prefix and a number. */
export function tagsNamed(prefix: string, count: number): readonly Tag[] {
  return Array.from({ length: count }, (_, index) => parseTag(`${prefix}${String(index).padStart(4, "0")}`));
}
