import type { Digest } from "../oci/digest.ts";
import type { RepositoryName } from "../oci/repository-name.ts";

// Names under which records are stored: docs/data-model.md. Storage, IAM policies, `dockless init` and the use cases import
// them. Changing a name makes existing records inaccessible.

/** Table attribute that contains a record's partition key. */
export const PARTITION_ATTRIBUTE = "PK";

/** Table attribute that contains a record's sort key. */
export const SORT_ATTRIBUTE = "SK";

/** Field that contains a record's expiry in epoch seconds: the table's time-to-live attribute. */
export const EXPIRY_ATTRIBUTE = "expiresAt";

/** Partitions with a fixed name. IAM policies name them as the leading key. */
export const PARTITIONS = {
  /** Repositories. */
  catalog: "catalog",
  /** Accounts, grants, issuers and rules. */
  access: "access",
  /** Public keys that verify tokens. */
  keys: "keys",
  /** Private keys that sign tokens, in a separate partition so that IAM can deny roles that only verify tokens access to them. */
  secrets: "secrets",
  /** The storage format. */
  meta: "meta",
} as const;

/** Sort key of the storage format record in the partition `meta`. */
export const FORMAT_SORT = "format";

/** Sort key prefixes in a repository's partition. */
export const REPOSITORY_SORT = {
  tag: "tag#",
  tagSummary: "tags#",
  manifestTag: "tagged#",
  manifest: "manifest#",
  blob: "blob#",
  referrer: "referrer#",
  dependency: "ref#",
  push: "push#",
  upload: "upload#",
} as const;

/** Sort key prefixes in the partition `access`. */
export const ACCESS_SORT = {
  principal: "principal#",
  used: "used#",
  grant: "grant#",
  issuer: "issuer#",
  oidcRule: "oidc-rule#",
  awsRule: "aws-rule#",
} as const;

/** Sort key of the access configuration's version record in the partition `access`. */
export const ACCESS_VERSION_SORT = "version";

/** Sort key prefix in the partitions `keys` and `secrets`, followed by the key's number. */
export const TOKEN_KEY_SORT = "token#";

/** Sort key prefix in a blob's partition, followed by the name of a repository that links to the blob. */
export const HOLDER_SORT = "repo#";

/** Returns the partition that contains a repository's records. */
export function repositoryPartition(name: RepositoryName): string {
  return `repo#${name}`;
}

/** Returns the partition that lists the repositories linking to a blob. */
export function blobPartition(digest: Digest): string {
  return `blob#${digest}`;
}
