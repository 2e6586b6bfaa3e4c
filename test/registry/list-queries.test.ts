import { beforeEach, describe, expect, it } from "vitest";
import { inBatches } from "../../lib/ports/batches.ts";
import { PARTITIONS } from "../../lib/ports/record-keys.ts";
import { put } from "../../lib/ports/record-store.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { listRepositories, listTags, type RepositoryFilter } from "../../lib/registry/tags.ts";
import { blob, image } from "../support/content.ts";
import { createMemoryRegistry } from "../support/memory.ts";
import { Repository } from "../support/repository.ts";

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
  const queryKeys: typeof records.queryKeys = async (prefix, options) => {
    limits.push(options.limit);
    return await records.queryKeys(prefix, options);
  };
  await work({ ...registry, records: { ...records, queryKeys } });
  return limits;
}

describe("a page of tags", () => {
  it("is read with one query of the page size, up to 2,500", async () => {
    await repository.push(IMAGE, { tags: ["a", "b", "c"] });
    const list = (limit: number) =>
      limitsOf((registry) => listTags(registry, repository.name, { limit, last: undefined }));
    expect(await list(2)).toEqual([3]);
    expect(await list(1000)).toEqual([1001]);
    expect(await list(10_000)).toEqual([2500]);
  });
});

describe("a page of repositories", () => {
  const filter = (seek = (after: string): string | undefined => after, isShown = () => true) => ({
    isShown,
    seek,
  });

  it("is read with one query of the page size, or of at least a thousand when a filter may hide repositories", async () => {
    const list = (limit: number, shown?: RepositoryFilter) =>
      limitsOf((registry) => listRepositories(registry, { limit, last: undefined }, shown));
    expect(await list(10)).toEqual([11]);
    expect(await list(10, filter())).toEqual([1000]);
    expect(await list(2000, filter())).toEqual([2001]);
    expect(await list(10_000, filter())).toEqual([2500]);
  });

  it("is not read beyond the last repository that the caller may see", async () => {
    const list = (seek: (after: string) => string | undefined) =>
      limitsOf((registry) => listRepositories(registry, { limit: 10, last: undefined }, filter(seek)));
    expect(await list(() => undefined)).toEqual([]);
  });

  it("yields to other work while a long list is filtered", async () => {
    const names = Array.from({ length: 2000 }, (_, number) => `a${10_000 + number}`);
    const puts = names.map((sort) => put({ partition: PARTITIONS.catalog, sort }, { createdAt: "" }));
    for (const batch of inBatches(puts)) await registry.records.write(batch);
    let turns = 0;
    let isDone = false;
    const count = () => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const page = await listRepositories(registry, { limit: 2000, last: undefined }, filter());
    isDone = true;
    expect(page.names).toHaveLength(2000);
    expect(turns).toBeGreaterThanOrEqual(7);
  });
});
