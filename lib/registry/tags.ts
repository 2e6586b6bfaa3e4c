import { filterInSlices } from "../concurrency/filter-in-slices.ts";
import { OciError } from "../oci/errors.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import type { Key } from "../ports/record-store.ts";
import { repositoryKey, tagSummaryKey } from "./records.ts";
import type { RegistryContext } from "./registry-context.ts";

/** A page of a list of names. `hasMore` is true when more names follow. */
export interface Page {
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

/** The range of names on a page. `limit` is the maximum number of names. */
export interface PageOptions {
  readonly limit: number;
  /** The last name of the previous page. It need not exist. */
  readonly last: string | undefined;
}

/**
 * Lists tags in byte order.
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
  const page = await readPage(registry, tagSummaryKey(name, ""), options);
  if (page.names.length === 0 && !page.hasMore) await requireRepository(registry, name);
  return page;
}

/** Minimum number of names per query of a filtered list: most may be hidden, and a page should not take many queries. */
const MIN_FILTERED_QUERY_NAMES = 1000;

/** Maximum number of names per query: a few milliseconds of disk work, during which other requests wait. */
const MAX_QUERY_NAMES = 2500;

/** Selects the repositories that a list shows. */
export interface RepositoryFilter {
  isShown(name: RepositoryName): boolean;
  /**
   * Skips names that are not shown.
   * @param after a name, or an empty text for the beginning of the list
   * @returns a text that precedes the next name that may be shown; undefined when there can be none
   */
  seek(after: string): string | undefined;
}

/**
 * Lists the repositories that have or had a manifest, in byte order of their names.
 * @param filter the repositories that the caller may see; by default, all
 */
export async function listRepositories(
  registry: RegistryContext,
  options: PageOptions,
  filter?: RepositoryFilter,
): Promise<Page> {
  return await readPage(registry, repositoryKey(""), options, filter);
}

/** Reads a page of names, which follow the prefix in the records' sort keys. */
async function readPage(
  { records }: RegistryContext,
  prefix: Key<unknown>,
  { limit, last = "" }: PageOptions,
  filter?: RepositoryFilter,
): Promise<Page> {
  const names: string[] = [];
  const minimum = filter === undefined ? 1 : MIN_FILTERED_QUERY_NAMES;
  // MUST: "Otherwise, the response MUST include `<int>` results."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  for (let read = last; names.length <= limit; ) {
    const after = filter === undefined ? read : filter.seek(read);
    if (after === undefined) break;
    const pageSize = Math.min(Math.max(limit + 1 - names.length, minimum), MAX_QUERY_NAMES);
    const keys = await records.queryKeys(prefix, { after: `${prefix.sort}${after}`, limit: pageSize });
    const found = keys.map(({ sort }) => sort.slice(prefix.sort.length));
    names.push(...(await shownNames(found, filter)));
    read = found.at(-1) ?? "";
    if (found.length < pageSize) break;
  }
  return { names: names.slice(0, limit), hasMore: names.length > limit };
}

async function shownNames(
  names: readonly string[],
  filter: RepositoryFilter | undefined,
): Promise<readonly string[]> {
  if (filter === undefined) return names;
  return await filterInSlices(names, (name) => filter.isShown(name as RepositoryName));
}

async function requireRepository(registry: RegistryContext, name: RepositoryName): Promise<void> {
  if ((await registry.records.get(repositoryKey(name))) !== undefined) return;
  throw new OciError("NAME_UNKNOWN", { detail: { name } });
}
