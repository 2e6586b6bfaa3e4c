import { beforeEach, describe, expect, it } from "vitest";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { listRepositories, listTags } from "../../lib/registry/tags.ts";
import { blob, image } from "../support/content.ts";
import { createMemoryRegistry } from "../support/memory.ts";
import { Repository, tagsNamed } from "../support/repository.ts";

const CONFIG = blob("config");
const IMAGE = image({ config: CONFIG });

let registry: RegistryContext;
let repository: Repository;

beforeEach(async () => {
  registry = createMemoryRegistry().registry;
  repository = new Repository(registry, "library/image");
  await repository.upload(CONFIG);
});

/** Returns the limits of the queries that `work` runs. */
async function limitsOf(work: (registry: RegistryContext) => Promise<unknown>): Promise<readonly number[]> {
  const limits: number[] = [];
  const { records } = registry;
  const query: typeof records.query = async (prefix, options) => {
    limits.push(options.limit);
    return await records.query(prefix, options);
  };
  await work({ ...registry, records: { ...records, query } });
  return limits;
}

describe("a long page of tags", () => {
  it("is read in queries of the default page size, the last one for the rest", async () => {
    const pushes = Array.from({ length: 14 }, (_, n) => tagsNamed(`${String.fromCharCode(97 + n)}-`, 90));
    for (const tags of pushes) await repository.push(IMAGE, { tags });
    const list = (limit: number) =>
      limitsOf((registry) => listTags(registry, repository.name, { limit, last: undefined }));
    expect(await list(10)).toEqual([11]);
    expect(await list(1000)).toEqual([1001]);
    expect(await list(1200)).toEqual([1001, 200]);
    expect(await list(1260)).toEqual([1001, 260]);
    const options = { limit: 1200, last: undefined };
    const { names, hasMore } = await listTags(registry, repository.name, options);
    expect(names).toEqual(pushes.flat().sort().slice(0, 1200));
    expect(hasMore).toBe(true);
  });
});

describe("a page of repositories", () => {
  it("is read in one query of its size, or of at least a thousand when a filter may hide some", async () => {
    const list = (limit: number, isShown?: () => boolean) =>
      limitsOf((registry) => listRepositories(registry, { limit, last: undefined }, isShown));
    expect(await list(10)).toEqual([11]);
    expect(await list(10, () => true)).toEqual([1000]);
    expect(await list(2000, () => true)).toEqual([2001]);
  });
});
