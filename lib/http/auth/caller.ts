import type { OwnGrants } from "../../auth/grants/grant-index.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import type { RepositoryFilter } from "../../registry/tags.ts";

/** The identity that sends a request, and its access. */
export interface Caller {
  /** The name of the identity, for logs. */
  readonly name: string;
  /** The grants that allow the request, for logs. */
  readonly grant: string;
  /** Returns whether blobs of the repository can be mounted. */
  canPull(name: RepositoryName): boolean;
  /** Repositories that a mount without a source is searched in; undefined if none is hidden from the caller. */
  readonly mountSources: readonly RepositoryName[] | undefined;
  /** The repositories that the catalog lists; only for requests of the catalog. */
  readonly pullable?: RepositoryFilter;
}

/** Creates the caller of a request of the catalog, which lists what its grants allow it to pull. */
export function createCatalogCaller(name: string, ownGrants: OwnGrants): Caller {
  const canPull = (repository: RepositoryName) => ownGrants.find("pull", repository) !== undefined;
  const prefixes = ownGrants.prefixes("pull");
  const pullable = { isShown: canPull, seek: (after: string) => prefixes.seek(after) };
  return { name, grant: "", canPull, mountSources: [], pullable };
}
