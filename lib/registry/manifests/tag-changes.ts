import type { Digest } from "../../oci/digest.ts";
import type { Tag } from "../../oci/reference.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import { type Change, put } from "../../ports/record-store.ts";
import { type ManifestRecord, type TagRecord, tagKey } from "../records.ts";
import type { RegistryContext } from "../registry-context.ts";
import { type Precondition, tagCondition } from "./precondition.ts";

interface TagMove {
  readonly tags: readonly Tag[];
  readonly precondition: Precondition | undefined;
}

/** Returns the changes that move the tags of a push to its manifest. @throws OciError `PRECONDITION_FAILED` */
export async function tagChanges(
  registry: RegistryContext,
  name: RepositoryName,
  { tags, precondition }: TagMove,
  { digest, mediaType, size, pushedAt, body }: ManifestRecord & { readonly digest: Digest },
): Promise<readonly Change[]> {
  const record: TagRecord = { digest, mediaType, size, pushedAt, ...(body === undefined ? {} : { body }) };
  const changes: Change[] = [];
  for (const tag of tags) {
    changes.push(put(tagKey(name, tag), record, await tagCondition(registry, name, tag, precondition)));
  }
  return changes;
}
