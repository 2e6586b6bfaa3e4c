import { OciError } from "../oci/errors.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import type { Key } from "../ports/record-store.ts";
import { repositoryKey, tagSummaryKey } from "./records.ts";
import type { RegistryContext } from "./registry-context.ts";

/** A page of a list of names. `hasMore` is true when there are names after it. */
export interface Page {
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

/** The section of a list that a page shows. `limit` is its maximum number of names. */
export interface PageOptions {
  readonly limit: number;
  /** The last name of the previous page. It need not exist. */
  readonly last: string | undefined;
}

/**
 * Lists tags in the order of their bytes.
 * @throws OciError `NAME_UNKNOWN`
 */
export async function listTags(
  registry: RegistryContext,
  name: RepositoryName,
  options: PageOptions,
): Promise<Page> {
  // Deviation (docs/spec.md): byte order, in which the store pages through keys.
  // MUST: "If the list is not empty, the tags MUST be in lexical order (i.e. case-insensitive alphanumeric
  // order)."
  // MUST: "As above, the tags MUST be in lexical order."
  // MUST: "The tags MUST be in lexical order."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  const page = await readPage(registry, tagSummaryKey(name, ""), options, (missing) => missing);
  if (page.names.length === 0 && !page.hasMore) await requireRepository(registry, name);
  return page;
}

/** Repositories per query of a filtered list, since most may be hidden and a short page should not take many queries. */
const MIN_FILTERED_QUERY_ITEMS = 1000;

/**
 * Lists the repositories that have or had a manifest, in the order of their bytes.
 * @param isShown returns whether the caller may see a repository
 */
export async function listRepositories(
  registry: RegistryContext,
  options: PageOptions,
  isShown?: (name: RepositoryName) => boolean,
): Promise<Page> {
  if (isShown === undefined)
    return await readPage(registry, repositoryKey(""), options, (missing) => missing);
  const queryLimit = Math.max(options.limit + 1, MIN_FILTERED_QUERY_ITEMS);
  const isNameShown = (name: string) => isShown(name as RepositoryName);
  return await readPage(registry, repositoryKey(""), options, () => queryLimit, isNameShown);
}

/**
 * Reads a page of the names that follow a prefix in the sort keys of its records.
 * @param queryLimit returns the number of records to query when this many names are missing
 */
async function readPage(
  { records }: RegistryContext,
  prefix: Key<unknown>,
  { limit, last = "" }: PageOptions,
  queryLimit: (missing: number) => number,
  isShown: (name: string) => boolean = () => true,
): Promise<Page> {
  const names: string[] = [];
  // MUST: "Otherwise, the response MUST include `<int>` results."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  for (let after = last; names.length <= limit; ) {
    const wanted = queryLimit(limit + 1 - names.length);
    const keys = await records.queryKeys(prefix, { after: `${prefix.sort}${after}`, limit: wanted });
    const found = keys.map(({ sort }) => sort.slice(prefix.sort.length));
    names.push(...found.filter(isShown));
    after = found.at(-1) ?? "";
    if (found.length < wanted) break;
  }
  return { names: names.slice(0, limit), hasMore: names.length > limit };
}

async function requireRepository(registry: RegistryContext, name: RepositoryName): Promise<void> {
  if ((await registry.records.get(repositoryKey(name))) !== undefined) return;
  throw new OciError("NAME_UNKNOWN", { detail: { name } });
}
