import type { Digest } from "../../oci/digest.ts";
import { OciError } from "../../oci/errors.ts";
import { isDigestReference, type Reference } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { type Change, put } from "../../ports/record-store.ts";
import { writeMarks } from "../lost-content.ts";
import { manifestKey, tagKey } from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";
import { loadManifest } from "./content.ts";

/** A manifest that a repository has. */
export interface StoredManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** Whether the bytes were missing when they were last read. */
  readonly isLost: boolean;
  /** Returns the exact bytes that were pushed; marks the manifest as lost if they are missing. @throws OciError `MANIFEST_UNKNOWN` */
  load(): Promise<Uint8Array>;
}

/**
 * Returns a manifest by tag or digest, with one read of the records.
 * @throws OciError `MANIFEST_UNKNOWN`
 */
export async function getManifest(
  registry: RegistryContext,
  name: RepositoryName,
  reference: Reference,
): Promise<StoredManifest> {
  const found = await findManifest(registry, name, reference);
  // MUST: "If the manifest is not found in the repository, the response code MUST be `404 Not Found`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests
  // MUST: "If the blob or manifest is not found in the repository, the response code MUST be `404 Not Found`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#checking-if-content-exists-in-the-registry
  // MUST: "An attempt to pull a nonexistent repository MUST return response code `404 Not Found`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
  if (found === undefined) throw manifestUnknown(reference);
  const { digest, mediaType, size } = found;
  const isLost = found.lost === true;
  const load = async () => {
    const body = await loadManifest(registry, digest, found);
    if ((body === undefined) !== isLost)
      await markLostManifest(registry, name, reference, digest, body === undefined || undefined);
    if (body === undefined) throw manifestUnknown(reference);
    return body;
  };
  return { digest, mediaType, size, isLost, load };
}

/** Marks a manifest, and the tag by which it was read, as lost; or clears the marks. */
async function markLostManifest(
  registry: RegistryContext,
  name: RepositoryName,
  reference: Reference,
  digest: Digest,
  lost: true | undefined,
): Promise<void> {
  const [manifest, tag] = [manifestKey(name, digest), isDigestReference(reference) ? undefined : reference];
  await writeMarks(registry, async () => {
    const changes: Change[] = [];
    const known = await registry.records.get(manifest);
    // A manifest being deleted is left to the deletion.
    if (known !== undefined && known.condemned === undefined)
      changes.push(put(manifest, { ...known, lost }, { where: { push: known.push } }));
    const tagged = tag && (await registry.records.get(tagKey(name, tag)));
    if (tag !== undefined && tagged?.digest === digest)
      changes.push(put(tagKey(name, tag), { ...tagged, lost }, { where: { digest } }));
    return changes;
  });
}

async function findManifest(registry: RegistryContext, name: RepositoryName, reference: Reference) {
  if (!isDigestReference(reference)) return await registry.records.get(tagKey(name, reference));
  const record = await registry.records.get(manifestKey(name, reference));
  return record === undefined ? undefined : { ...record, digest: reference };
}

/** Creates the error for a tag or digest without a manifest. */
export function manifestUnknown(reference: string): OciError {
  return new OciError("MANIFEST_UNKNOWN", { detail: { reference } });
}
