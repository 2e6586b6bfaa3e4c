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

/** A manifest's type, size and bytes. Large bytes are in the blob store instead, under the manifest's digest. */
type Content = { readonly mediaType: string; readonly size: number; readonly body?: Uint8Array };

/** The mark of content whose bytes were missing when they were last read. A push of the bytes clears it. */
type LossMark = { readonly lost?: true | undefined };

/** A tag, with a copy of its manifest so that a pull by tag is one read. */
export type TagRecord = Content & LossMark & { readonly digest: Digest; readonly pushedAt: string };

/** The kinds of manifests that lists distinguish. */
export type ManifestKind = "image" | "index" | "artifact";

/**
 * A tag in lists, without its manifest, so that reading a thousand costs less than reading one tag a hundred times: under
 * 240 bytes with its key. It is written with the tag, and changes of the tag are conditional on its id.
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

/** That a tag names a manifest, in the order of manifests. It is written with the tag. */
export type ManifestTagRecord = Readonly<Record<string, never>>;

/** The mark of a deletion in progress: `condemned` is its id. A request that needs the record clears the mark. */
export type DeletionMark = { readonly condemned?: string | undefined };

/** A manifest. `push` is the id of the push that created it, which its dependencies have too. */
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

/** Returns the key of a repository; of an empty name, the prefix of all. */
export function repositoryKey(name: string): Key<RepositoryRecord> {
  return { partition: PARTITIONS.catalog, sort: name };
}

/** Returns the key of a tag. */
export function tagKey(name: RepositoryName, tag: Tag): Key<TagRecord> {
  return inRepository(name, `${REPOSITORY_SORT.tag}${tag}`);
}

/** Returns the key of a tag in lists; of an empty tag, the prefix of all tags of the repository. */
export function tagSummaryKey(name: RepositoryName, tag: Tag | ""): Key<TagSummaryRecord> {
  return inRepository(name, `${REPOSITORY_SORT.tagSummary}${tag}`);
}

/** Returns the key of a tag of a manifest; of an empty tag, the prefix of all tags that name the manifest. */
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

/** Returns the key of a referrer; of an empty digest, the prefix of all referrers of the subject. */
export function referrerKey(name: RepositoryName, subject: Digest, digest: Digest | ""): Key<ReferrerRecord> {
  return inRepository(name, `${REPOSITORY_SORT.referrer}${subject}#${digest}`);
}

/** Returns the key of a dependency; of an empty dependent, the prefix of all dependencies on the target. */
export function dependencyKey(
  name: RepositoryName,
  target: Digest,
  dependent: Digest | "",
): Key<DependencyRecord> {
  return inRepository(name, `${REPOSITORY_SORT.dependency}${target}#${dependent}`);
}

/** Returns the key of the push of a manifest that is in progress. */
export function pushKey(name: RepositoryName, manifest: Digest): Key<PushRecord> {
  return inRepository(name, `${REPOSITORY_SORT.push}${manifest}`);
}

/** Returns the key of an upload session. */
export function uploadKey(name: RepositoryName, id: string): Key<UploadRecord> {
  return inRepository(name, `${REPOSITORY_SORT.upload}${id}`);
}

/** Returns the key of a repository that has a link to a blob; of an empty name, the prefix of all. */
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
