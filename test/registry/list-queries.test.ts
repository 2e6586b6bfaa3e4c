import { beforeEach, describe, expect, it } from "vitest";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { listRepositories, listTags } from "../../lib/registry/tags.ts";
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
  it("is read in one query of its size", async () => {
    await repository.push(IMAGE, { tags: ["a", "b", "c"] });
    const list = (limit: number) =>
      limitsOf((registry) => listTags(registry, repository.name, { limit, last: undefined }));
    expect(await list(2)).toEqual([3]);
    expect(await list(10_000)).toEqual([10_001]);
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
