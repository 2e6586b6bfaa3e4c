import type { RepositoryName } from "../../oci/repository-name.ts";

/** The identity that sends a request, and its access. */
export interface Caller {
  /** The name of the identity, for logs. */
  readonly name: string;
  /** The grants that allow the request, for logs. */
  readonly grant: string;
  /** Returns whether blobs of the repository can be mounted and the catalog can list it. */
  canPull(name: RepositoryName): boolean;
}
