import { OciError } from "../oci/errors.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import { lastPart, repositoryKey, tagKey } from "./records.ts";
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
 * Tags in the order of their bytes: spec.md#listing-tags
 * @throws OciError `NAME_UNKNOWN`
 */
export async function listTags(
  registry: Registry,
  name: RepositoryName,
  options: PageOptions,
): Promise<Page> {
  const names: string[] = [];
  const prefix = tagKey(name, "");
  for (let last = options.last ?? ""; names.length <= options.limit; last = names.at(-1) ?? "") {
    const limit = Math.min(options.limit + 1 - names.length, AT_ONCE);
    const entries = await registry.records.query(prefix, { after: `${prefix.sort}${last}`, limit });
    names.push(...entries.map(({ key }) => lastPart(key)));
    if (entries.length < limit) break;
  }
  if (names.length === 0) await requireRepository(registry, name);
  return toPage(names, options.limit);
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
  { limit, last = "" }: PageOptions,
  isShown?: (name: RepositoryName) => boolean,
): Promise<Page> {
  const names: RepositoryName[] = [];
  const atOnce = isShown === undefined ? limit + 1 : Math.max(limit + 1, FILTERED_AT_ONCE);
  for (let after = last; names.length <= limit; ) {
    const entries = await registry.records.query(repositoryKey(""), { after, limit: atOnce });
    const found = entries.map(({ key }) => key.sort as RepositoryName);
    names.push(...found.filter((name) => isShown?.(name) ?? true));
    after = found.at(-1) ?? "";
    if (found.length < atOnce) break;
  }
  return toPage(names, limit);
}

function toPage(names: readonly string[], limit: number): Page {
  return { names: names.slice(0, limit), hasMore: names.length > limit };
}

async function requireRepository(registry: Registry, name: RepositoryName): Promise<void> {
  if ((await registry.records.get(repositoryKey(name))) !== undefined) return;
  throw new OciError("NAME_UNKNOWN", { detail: { name } });
}
