import type { Digest } from "../oci/digest.ts";
import type { Tag } from "../oci/reference.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import {
  blobPartition,
  type EXPIRY_ATTRIBUTE,
  HOLDER_SORT,
  PARTITIONS,
  REPOSITORY_SORT,
  repositoryPartition,
} from "../ports/record-keys.ts";
import type { Key } from "../ports/record-store.ts";
import type { StagedUpload } from "../ports/upload-store.ts";

/** A repository that has or had a manifest. */
export type RepositoryRecord = { readonly createdAt: string };

/** A manifest's media type, size and bytes. The bytes of large manifests are in the blob store instead, under the digest. */
type Content = { readonly mediaType: string; readonly size: number; readonly body?: Uint8Array };

/** Marks content whose bytes were missing when they were last read. Pushing the bytes clears the mark. */
type LossMark = { readonly lost?: true | undefined };

/** A tag, with a copy of its manifest so that a pull by tag is a single read. */
export type TagRecord = Content & LossMark & { readonly digest: Digest; readonly pushedAt: string };

/** The kinds of manifests that lists distinguish. */
export type ManifestKind = "image" | "index" | "artifact";

/**
 * A tag as shown in lists, without its manifest, so that listing a thousand tags is cheap: less than 240 bytes including the
 * key. It is written together with the tag. Changes of the tag are conditional on its id.
 */
export type TagSummaryRecord = {
  /** The digest's hash: 32 bytes of sha256, or 64 of sha512. */
  readonly digest: Uint8Array;
  readonly kind: ManifestKind;
  /** Bytes of the manifest and of the content that it lists. */
  readonly size: number;
  /** Epoch seconds of the push. */
  readonly at: number;
  /** Id of the write, a new one each time the tag is pushed. */
  readonly id: string;
  /** Platform codes of an index: `lib/oci/platform.ts`. */
  readonly platforms?: Uint8Array;
};

/** An entry in a manifest's list of tags. It is written together with the tag. */
export type ManifestTagRecord = Readonly<Record<string, never>>;

/** Marks a record whose deletion is in progress: `condemned` is the deletion's id. A request that needs the record clears it. */
export type DeletionMark = { readonly condemned?: string | undefined };

/** A manifest. `push` is the id of the push that created it, which is also stored in its dependencies. */
export type ManifestRecord = Content &
  LossMark &
  DeletionMark & { readonly push: string; readonly pushedAt: string; readonly subject?: Digest };

/** A link: a repository's right to read a blob. Its size is in bytes. */
export type BlobLinkRecord = LossMark & DeletionMark & { readonly size: number };

/**
 * A manifest's entry in the list of its subject's referrers. With `annotationsInBody`, the annotations are too long to be
 * copied and are read from the manifest. Annotations are pairs because a field's name cannot be every key that an
 * annotation can have, for example the empty one.
 */
export type ReferrerRecord = {
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: readonly (readonly [key: string, value: string])[];
  readonly annotationsInBody?: true;
};

/** A manifest's need for a blob or another manifest. It is written before the manifest, at epoch seconds `at`. */
export type DependencyRecord = { readonly at: number; readonly push: string };

/** A push in progress: the dependencies of the manifest count only while this record exists. */
export type PushRecord = { readonly push: string };

/** An upload session. `size` is its offset in bytes. */
export type UploadRecord = {
  readonly staged: StagedUpload;
  readonly size: number;
  readonly [EXPIRY_ATTRIBUTE]: number;
};

/** A repository that has a link to a blob. */
export type HolderRecord = { readonly size: number };

/** Returns the key of a repository; for an empty name, the prefix of all repositories. */
export function repositoryKey(name: string): Key<RepositoryRecord> {
  return { partition: PARTITIONS.catalog, sort: name };
}

/** Returns the key of a tag. */
export function tagKey(name: RepositoryName, tag: Tag): Key<TagRecord> {
  return inRepository(name, `${REPOSITORY_SORT.tag}${tag}`);
}

/** Returns the key of a tag summary; for an empty tag, the prefix of all tag summaries in the repository. */
export function tagSummaryKey(name: RepositoryName, tag: Tag | ""): Key<TagSummaryRecord> {
  return inRepository(name, `${REPOSITORY_SORT.tagSummary}${tag}`);
}

/** Returns the key of an entry in a manifest's list of tags; for an empty tag, the prefix of the list. */
export function manifestTagKey(name: RepositoryName, digest: Digest, tag: Tag | ""): Key<ManifestTagRecord> {
  return inRepository(name, `${REPOSITORY_SORT.manifestTag}${digest}#${tag}`);
}

/** Returns the key of a manifest. */
export function manifestKey(name: RepositoryName, digest: Digest): Key<ManifestRecord> {
  return inRepository(name, `${REPOSITORY_SORT.manifest}${digest}`);
}

/** Returns the key of a repository's link to a blob. */
export function blobLinkKey(name: RepositoryName, digest: Digest): Key<BlobLinkRecord> {
  return inRepository(name, `${REPOSITORY_SORT.blob}${digest}`);
}

/** Returns the key of a referrer; for an empty digest, the prefix of all referrers of the subject. */
export function referrerKey(name: RepositoryName, subject: Digest, digest: Digest | ""): Key<ReferrerRecord> {
  return inRepository(name, `${REPOSITORY_SORT.referrer}${subject}#${digest}`);
}

/** Returns the key of a dependency; for an empty dependent, the prefix of all dependencies on the target. */
export function dependencyKey(
  name: RepositoryName,
  target: Digest,
  dependent: Digest | "",
): Key<DependencyRecord> {
  return inRepository(name, `${REPOSITORY_SORT.dependency}${target}#${dependent}`);
}

/** Returns the key of a manifest's push in progress. */
export function pushKey(name: RepositoryName, manifest: Digest): Key<PushRecord> {
  return inRepository(name, `${REPOSITORY_SORT.push}${manifest}`);
}

/** Returns the key of an upload session. */
export function uploadKey(name: RepositoryName, id: string): Key<UploadRecord> {
  return inRepository(name, `${REPOSITORY_SORT.upload}${id}`);
}

/** Returns the key of a holder of a blob; for an empty name, the prefix of all holders. */
export function holderKey(digest: Digest, name: RepositoryName | ""): Key<HolderRecord> {
  return { partition: blobPartition(digest), sort: `${HOLDER_SORT}${name}` };
}

/** Returns the part of a sort key after its last `#`: a tag, a digest or a repository name. */
export function lastPartOf(key: Key<unknown>): string {
  return key.sort.slice(key.sort.lastIndexOf("#") + 1);
}

function inRepository<T>(name: RepositoryName, sort: string): Key<T> {
  return { partition: repositoryPartition(name), sort };
}
