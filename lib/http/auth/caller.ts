import type { RepositoryName } from "../../oci/repository-name.ts";

/** Who sends a request, as far as has been found out. */
export interface Caller {
  /** For logs. */
  readonly name: string;
  /** The grants that allow it, for logs. */
  readonly rule: string;
  /** Whether blobs may be mounted from the repository, and lists name it. */
  mayPull(name: RepositoryName): boolean;
}
