import type { Digest } from "../oci/digest.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { queryAllKeys, writeSkippingConflicts } from "../ports/batches.ts";
import { type Change, put } from "../ports/record-store.ts";
import { type BlobLinkRecord, blobLinkKey, holderKey, lastPartOf } from "./records.ts";
import type { RegistryContext } from "./registry-context.ts";

/*
 * Bytes can be lost: a file is deleted or truncated, or a disk is not mounted. HEAD reads only the records, which do not show
 * the loss, so clients would never push the content again. Therefore the first read that fails marks the records: HEAD then
 * reports the content as missing, mounts are refused, and a push or a successful read clears the mark.
 */

/** Returns whether a repository has a link to a blob, and no read has found the bytes missing. */
export function isAvailable(link: BlobLinkRecord | undefined): link is BlobLinkRecord {
  return link !== undefined && link.lost !== true;
}

/** Marks all repositories' links to a blob whose bytes are missing, or clears the marks. */
export async function markLostBlob(
  registry: RegistryContext,
  digest: Digest,
  lost: true | undefined,
): Promise<void> {
  await writeMarks(registry, async () => {
    const changes: Change[] = [];
    for await (const key of queryAllKeys(registry.records, holderKey(digest, ""))) {
      const linkKey = blobLinkKey(lastPartOf(key) as RepositoryName, digest);
      const link = await registry.records.get(linkKey);
      // A link being deleted is left to the deletion. If a link is marked for deletion after this read, that mark is lost, and
      // the deletion starts again.
      if (link === undefined || link.condemned !== undefined || link.lost === lost) continue;
      changes.push(put(linkKey, { ...link, lost }, { where: { size: link.size } }));
    }
    return changes;
  });
}

/**
 * Writes the marks returned by `create`, if this registry marks lost content. The response to the client does not depend on
 * them, so failures are ignored: the next read tries again.
 */
export async function writeMarks(
  { records, marksLostContent }: RegistryContext,
  create: () => Promise<readonly Change[]>,
): Promise<void> {
  if (marksLostContent !== true) return;
  try {
    await writeSkippingConflicts(records, await create());
  } catch {
    // Nothing was written.
  }
}
