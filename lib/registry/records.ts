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
import type { Staged } from "../ports/upload-store.ts";

/** A repository that has, or had, a manifest. */
export type RepositoryRecord = { readonly createdAt: string };

/** A manifest's bytes: here when small, else in the blob store under the manifest's digest. */
type Content = { readonly mediaType: string; readonly size: number; readonly body?: Uint8Array };

/** Repeats the manifest, so that a pull by tag is one read. */
export type TagRecord = Content & { readonly digest: Digest; readonly pushedAt: string };

/** `condemned` is set by a removal that is under way, to its own id: whoever needs the record clears it. */
export type Condemnable = { readonly condemned?: string | undefined };

/** `push` is the id of the push that made it, which is also on its references. */
export type ManifestRecord = Content &
  Condemnable & { readonly push: string; readonly pushedAt: string; readonly subject?: Digest };

/** A link: the repository may read this blob. */
export type BlobRecord = Condemnable & { readonly size: number };

/**
 * What the referrers list says of a manifest; `annotationsInBody` when they are too long to be repeated here. They are
 * pairs, since a record's fields cannot have all names that annotations can: none, for example.
 */
export type ReferrerRecord = {
  readonly mediaType: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: readonly (readonly [key: string, value: string])[];
  readonly annotationsInBody?: true;
};

/** Some manifest needs this blob or manifest. Written before that manifest, at epoch seconds `at`. */
export type ReferenceRecord = { readonly at: number; readonly push: string };

/** Stands for all references of a manifest, which hold only as long as it is there. */
export type PushRecord = { readonly push: string };

export type UploadRecord = {
  readonly staged: Staged;
  readonly size: number;
  readonly [EXPIRY_ATTRIBUTE]: number;
};

/** Some repository has a link to this blob. */
export type HolderRecord = { readonly size: number };

export function repositoryKey(name: string): Key<RepositoryRecord> {
  return { partition: PARTITIONS.catalog, sort: name };
}

export function tagKey(name: RepositoryName, tag: Tag | ""): Key<TagRecord> {
  return inRepository(name, `${REPOSITORY_SORT.tag}${tag}`);
}

export function manifestKey(name: RepositoryName, digest: Digest): Key<ManifestRecord> {
  return inRepository(name, `${REPOSITORY_SORT.manifest}${digest}`);
}

export function blobKey(name: RepositoryName, digest: Digest): Key<BlobRecord> {
  return inRepository(name, `${REPOSITORY_SORT.blob}${digest}`);
}

export function referrerKey(name: RepositoryName, subject: Digest, digest: Digest | ""): Key<ReferrerRecord> {
  return inRepository(name, `${REPOSITORY_SORT.referrer}${subject}#${digest}`);
}

export function referenceKey(name: RepositoryName, to: Digest, from: Digest | ""): Key<ReferenceRecord> {
  return inRepository(name, `${REPOSITORY_SORT.reference}${to}#${from}`);
}

export function pushKey(name: RepositoryName, manifest: Digest): Key<PushRecord> {
  return inRepository(name, `${REPOSITORY_SORT.push}${manifest}`);
}

export function uploadKey(name: RepositoryName, id: string): Key<UploadRecord> {
  return inRepository(name, `${REPOSITORY_SORT.upload}${id}`);
}

export function holderKey(digest: Digest, name: RepositoryName | ""): Key<HolderRecord> {
  return { partition: blobPartition(digest), sort: `${HOLDER_SORT}${name}` };
}

/** The part of a sort key after its last `#`: a tag, a digest or a repository name. */
export function lastPart(key: Key<unknown>): string {
  return key.sort.slice(key.sort.lastIndexOf("#") + 1);
}

function inRepository<T>(name: RepositoryName, sort: string): Key<T> {
  return { partition: repositoryPartition(name), sort };
}
