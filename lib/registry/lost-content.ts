import type { Digest } from "../oci/digest.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { queryAll, writeSkippingConflicts } from "../ports/batches.ts";
import { type Change, put } from "../ports/record-store.ts";
import { blobLinkKey, holderKey, lastPartOf } from "./records.ts";
import type { RegistryContext } from "./registry-context.ts";

/*
 * Bytes can be lost: a file is deleted or truncated, a disk is not mounted. The records do not show it, so that a check by
 * HEAD stays one read, and clients would never push the content again. So the first read that fails marks the records; the
 * next HEAD then reports that the content is missing, a mount is not possible, and a push, or a read that succeeds, clears the
 * mark.
 */

/** Marks the links of all repositories to a blob whose bytes are missing, or clears the marks. */
export async function markLostBlob(
  registry: RegistryContext,
  digest: Digest,
  lost: true | undefined,
): Promise<void> {
  await writeMarks(registry, async () => {
    const changes: Change[] = [];
    for await (const { key } of queryAll(registry.records, holderKey(digest, ""))) {
      const linkKey = blobLinkKey(lastPartOf(key) as RepositoryName, digest);
      const link = await registry.records.get(linkKey);
      // A link in deletion is left to the deletion. One that is marked for deletion in between loses that mark: the deletion
      // then starts again.
      if (link === undefined || link.condemned !== undefined || link.lost === lost) continue;
      changes.push(put(linkKey, { ...link, lost }, { where: { size: link.size } }));
    }
    return changes;
  });
}

/**
 * Writes marks that `create` returns, where content is marked. The response to the client does not depend on them, so failures
 * are ignored: the next read repeats the attempt.
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
