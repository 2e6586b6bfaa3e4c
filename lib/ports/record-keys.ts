import type { Digest } from "../oci/digest.ts";
import type { RepositoryName } from "../oci/repository-name.ts";

// Names under which records are stored: docs/data-model.md. Storage, IAM policies, `dockless init` and the use cases import
// them. A changed name makes the records that are stored under it inaccessible.

/** Attribute of a table that contains a record's partition key. */
export const PARTITION_ATTRIBUTE = "PK";

/** Attribute of a table that contains a record's sort key. */
export const SORT_ATTRIBUTE = "SK";

/** Field that contains the expiry of a record in epoch seconds: the table's time-to-live attribute. */
export const EXPIRY_ATTRIBUTE = "expiresAt";

/** Partitions with a fixed name. IAM policies name them as the leading key. */
export const PARTITIONS = {
  /** Repositories. */
  catalog: "catalog",
  /** Accounts, grants, issuers and rules. */
  access: "access",
  /** Public keys that verify tokens. */
  keys: "keys",
  /** Private keys that sign tokens, separate so that IAM can deny them to a role that only verifies tokens. */
  secrets: "secrets",
  /** The storage format. */
  meta: "meta",
} as const;

/** Sort key of the storage format in the partition `meta`. */
export const FORMAT_SORT = "format";

/** Prefixes of sort keys in the partition of a repository. */
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

/** Prefixes of sort keys in the partition `access`. */
export const ACCESS_SORT = {
  principal: "principal#",
  used: "used#",
  grant: "grant#",
  issuer: "issuer#",
  oidcRule: "oidc-rule#",
  awsRule: "aws-rule#",
} as const;

/** Sort key of the version of the access configuration in the partition `access`. */
export const ACCESS_VERSION_SORT = "version";

/** Prefix of sort keys in the partitions `keys` and `secrets`; the key's number follows. */
export const TOKEN_KEY_SORT = "token#";

/** Prefix of sort keys in the partition of a blob; the name of a repository that has a link to it follows. */
export const HOLDER_SORT = "repo#";

/** Returns the partition of the records of one repository. */
export function repositoryPartition(name: RepositoryName): string {
  return `repo#${name}`;
}

/** Returns the partition of the repositories that have a link to a blob. */
export function blobPartition(digest: Digest): string {
  return `blob#${digest}`;
}
