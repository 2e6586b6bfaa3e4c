import { type Digest, isDigest } from "../../../lib/oci/digest.ts";
import type { RepositoryName } from "../../../lib/oci/repository-name.ts";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import {
  type BlobLinkRecord,
  lastPartOf,
  type ManifestRecord,
  type ReferrerRecord,
  type TagRecord,
  type TagSummaryRecord,
  tagSummaryKey,
} from "../../../lib/registry/records.ts";

/** Records of one repository, read directly from the store. */
export interface RepositoryRecords {
  readonly name: RepositoryName;
  readonly tags: ReadonlyMap<string, TagRecord>;
  readonly tagSummaries: ReadonlyMap<string, TagSummaryRecord>;
  /** Tags of manifests as `<digest>#<tag>`. */
  readonly manifestTags: ReadonlySet<string>;
  readonly manifests: ReadonlyMap<Digest, ManifestRecord>;
  readonly links: ReadonlyMap<Digest, BlobLinkRecord>;
  /** Referrers by `<subject>#<referrer>`. */
  readonly referrers: ReadonlyMap<string, ReferrerRecord>;
  /** References as `<target>#<manifest>`. */
  readonly references: ReadonlySet<string>;
  readonly uploads: readonly string[];
}

/** Reads the records of a repository. */
export async function readRepository(records: RecordStore, name: RepositoryName): Promise<RepositoryRecords> {
  const { partition } = tagSummaryKey(name, "");
  const below = async <T>(prefix: string) => {
    const entries = await records.query<T>({ partition, sort: prefix }, { limit: 100_000 });
    return entries.map(({ key, value }) => [key.sort.slice(prefix.length), value] as const);
  };
  return {
    name,
    tags: new Map(await below<TagRecord>("tag#")),
    tagSummaries: new Map(await below<TagSummaryRecord>("tags#")),
    manifestTags: new Set((await below("tagged#")).map(([rest]) => rest)),
    manifests: byDigest(await below<ManifestRecord>("manifest#")),
    links: byDigest(await below<BlobLinkRecord>("blob#")),
    referrers: new Map(await below<ReferrerRecord>("referrer#")),
    references: new Set((await below("ref#")).map(([rest]) => rest)),
    uploads: (await below("upload#")).map(([rest]) => rest),
  };
}

function byDigest<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<Digest, T> {
  const map = new Map<Digest, T>();
  for (const [text, value] of entries) {
    if (!isDigest(text)) throw new Error(`the name of a record is not a digest: ${text}`);
    map.set(text, value);
  }
  return map;
}

/** Returns the repositories that are recorded as linking to the blob. */
export async function readHolders(records: RecordStore, digest: Digest): Promise<readonly string[]> {
  const entries = await records.query({ partition: `blob#${digest}`, sort: "repo#" }, { limit: 100_000 });
  return entries.map(({ key }) => lastPartOf(key));
}
