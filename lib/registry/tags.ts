import { OciError } from "../oci/errors.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import type { Key } from "../ports/record-store.ts";
import { repositoryKey, tagKey } from "./records.ts";
import type { Registry } from "./registry.ts";

/** A page of a list: what it holds, and whether there is more behind it. */
export interface Page {
  readonly names: readonly string[];
  readonly hasMore: boolean;
}

export interface PageOptions {
  readonly limit: number;
  /** The last name of the page before; it need not exist. */
  readonly last: string | undefined;
}

/**
 * Lists tags in the order of their bytes.
 * @throws OciError `NAME_UNKNOWN`
 */
export async function listTags(
  registry: Registry,
  name: RepositoryName,
  options: PageOptions,
): Promise<Page> {
  // Deviation (docs/spec.md): byte order, in which the store pages through keys.
  // MUST: "If the list is not empty, the tags MUST be in lexical order (i.e. case-insensitive alphanumeric
  // order)."
  // MUST: "As above, the tags MUST be in lexical order."
  // MUST: "The tags MUST be in lexical order."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  const page = await pageOf(registry, tagKey(name, ""), options, (missing) => Math.min(missing, AT_ONCE));
  if (page.names.length === 0 && !page.hasMore) await requireRepository(registry, name);
  return page;
}

/** Tags have their manifests with them, of which only so many shall be in memory: a usual page, and one more. */
const AT_ONCE = 1001;

/** Most may be hidden, and a short page must not take a query for each few of them. */
const FILTERED_AT_ONCE = 1000;

/**
 * All repositories that have, or had, a manifest, in the order of their bytes.
 * @param isShown which of them the caller may know of
 */
export async function listRepositories(
  registry: Registry,
  options: PageOptions,
  isShown?: (name: RepositoryName) => boolean,
): Promise<Page> {
  if (isShown === undefined) return await pageOf(registry, repositoryKey(""), options, (missing) => missing);
  const atOnce = Math.max(options.limit + 1, FILTERED_AT_ONCE);
  const isNameShown = (name: string) => isShown(name as RepositoryName);
  return await pageOf(registry, repositoryKey(""), options, () => atOnce, isNameShown);
}

/**
 * What follows a prefix in the sort keys of its records.
 * @param atOnce how many to query for when so many are missing
 */
async function pageOf(
  { records }: Registry,
  prefix: Key<unknown>,
  { limit, last = "" }: PageOptions,
  atOnce: (missing: number) => number,
  isShown: (name: string) => boolean = () => true,
): Promise<Page> {
  const names: string[] = [];
  // MUST: "Otherwise, the response MUST include `<int>` results."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  for (let after = last; names.length <= limit; ) {
    const wanted = atOnce(limit + 1 - names.length);
    const entries = await records.query(prefix, { after: `${prefix.sort}${after}`, limit: wanted });
    const found = entries.map(({ key }) => key.sort.slice(prefix.sort.length));
    names.push(...found.filter(isShown));
    after = found.at(-1) ?? "";
    if (found.length < wanted) break;
  }
  return { names: names.slice(0, limit), hasMore: names.length > limit };
}

async function requireRepository(registry: Registry, name: RepositoryName): Promise<void> {
  if ((await registry.records.get(repositoryKey(name))) !== undefined) return;
  throw new OciError("NAME_UNKNOWN", { detail: { name } });
}
