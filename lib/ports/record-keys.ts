import type { Digest } from "../oci/digest.ts";
import type { RepositoryName } from "../oci/repository-name.ts";

// The names under which records are stored: docs/data-model.md. Storage, IAM policies, `dockless init` and the use cases
// take them from here. To change one is to lose what is stored under it.

/** The attributes of a table that hold a record's partition and sort key. */
export const PARTITION_ATTRIBUTE = "PK";
export const SORT_ATTRIBUTE = "SK";

/** The field of a record that expires, in epoch seconds; a table's time to live. */
export const EXPIRY_ATTRIBUTE = "expiresAt";

/** Partitions of which there is one. IAM policies name them as the leading key. */
export const PARTITIONS = {
  /** Repositories. */
  catalog: "catalog",
  /** Accounts, grants, issuers and rules. */
  access: "access",
  /** The public halves of the keys that sign tokens. */
  keys: "keys",
  /** The private halves, apart so that a role that only verifies tokens can be kept from them. */
  secrets: "secrets",
  /** Nothing: it is read to find out whether a table can be read. */
  check: "check",
} as const;

/** Beginnings of sort keys in the partition of a repository. */
export const REPOSITORY_SORT = {
  tag: "tag#",
  manifest: "manifest#",
  blob: "blob#",
  referrer: "referrer#",
  reference: "ref#",
  push: "push#",
  upload: "upload#",
} as const;

/** Beginnings of sort keys in the partition `access`. */
export const ACCESS_SORT = {
  principal: "principal#",
  used: "used#",
  grant: "grant#",
  issuer: "issuer#",
  oidcRule: "oidc-rule#",
  awsRule: "aws-rule#",
} as const;

/** Beginning of sort keys in the partitions `keys` and `secrets`; the key's number follows. */
export const TOKEN_KEY_SORT = "token#";

/** Beginning of sort keys in the partition of a blob; the name of a repository that has a link to it follows. */
export const HOLDER_SORT = "repo#";

/** The partition of all that belongs to one repository. */
export function repositoryPartition(name: RepositoryName): string {
  return `repo#${name}`;
}

/** The partition of the repositories that have a link to a blob. */
export function blobPartition(digest: Digest): string {
  return `blob#${digest}`;
}
