import { beforeEach, describe, expect, it } from "vitest";
import { parseRepositoryName } from "../../lib/oci/repository-name.ts";
import { inBatches } from "../../lib/ports/batches.ts";
import { MAX_TAGS_PER_PUSH } from "../../lib/registry/manifests/push.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { listRepositories, listTags, type PageOptions } from "../../lib/registry/tags.ts";
import { blob, image } from "../support/content.ts";
import { ociError } from "../support/errors.ts";
import { createMemoryRegistry } from "../support/memory.ts";
import { Repository, tagsNamed } from "../support/repository.ts";

const CONFIG = blob("config");
const IMAGE = image({ config: CONFIG });
const ALL: PageOptions = { limit: 1000, last: undefined };

let registry: RegistryContext;
let repository: Repository;

beforeEach(async () => {
  registry = createMemoryRegistry().registry;
  repository = new Repository(registry, "library/image");
  await repository.upload(CONFIG);
});

describe("the tags of a repository", () => {
  const list = (options: Partial<PageOptions> = {}) =>
    listTags(registry, repository.name, { ...ALL, ...options });

  it("are unknown before its first manifest is pushed", async () => {
    await expect(list()).rejects.toThrow(ociError("NAME_UNKNOWN", 404));
  });

  it("are an empty list when it has a manifest but no tag", async () => {
    await repository.push(IMAGE);
    expect(await list()).toEqual({ names: [], hasMore: false });
  });

  it("are an empty list after the last tag has been deleted", async () => {
    await repository.push(IMAGE, { tags: ["a"] });
    await repository.remove("a");
    expect(await list()).toEqual({ names: [], hasMore: false });
  });

  it("are listed in byte order", async () => {
    await repository.push(IMAGE, {
      tags: ["b", "a", "B", "1", "10", "2", "_", "a.b", "a-b", "a_b", "latest"],
    });
    const { names } = await list();
    expect(names).toEqual(["1", "10", "2", "B", "_", "a", "a-b", "a.b", "a_b", "b", "latest"]);
  });

  it.each<[Partial<PageOptions>, readonly string[], boolean]>([
    [{ limit: 2 }, ["a", "b"], true],
    [{ limit: 4 }, ["a", "b", "c", "d"], false],
    [{ limit: 5 }, ["a", "b", "c", "d"], false],
    [{ limit: 0 }, [], true],
    [{ last: "b" }, ["c", "d"], false],
    [{ last: "bb" }, ["c", "d"], false],
    [{ last: "b", limit: 1 }, ["c"], true],
    [{ last: "d" }, [], false],
    [{ last: "zzz" }, [], false],
    [{ last: "B" }, ["a", "b", "c", "d"], false],
  ])("are listed in pages: %j", async (options, names, hasMore) => {
    await repository.push(IMAGE, { tags: ["a", "b", "c", "d"] });
    expect(await list(options)).toEqual({ names, hasMore });
  });

  it("are listed once each, in order, when read page by page", async () => {
    const tags = tagsNamed("v", 85);
    for (const batch of inBatches(tags, MAX_TAGS_PER_PUSH)) await repository.push(IMAGE, { tags: batch });
    const names: string[] = [];
    for (let last: string | undefined, hasMore = true; hasMore; last = names.at(-1)) {
      const page = await list({ limit: 10, last });
      names.push(...page.names);
      hasMore = page.hasMore;
    }
    expect(names).toEqual(tags);
  });

  it("do not include the tags of a repository whose name has the same prefix", async () => {
    const longer = new Repository(registry, "library/image2");
    await longer.upload(CONFIG);
    await longer.push(IMAGE, { tags: ["other"] });
    await repository.push(IMAGE, { tags: ["own"] });
    expect((await list()).names).toEqual(["own"]);
  });
});

describe("the catalog", () => {
  const list = (options: Partial<PageOptions> = {}) => listRepositories(registry, { ...ALL, ...options });

  beforeEach(async () => {
    for (const name of ["b", "a/b", "a", "c"]) {
      const other = new Repository(registry, name);
      await other.upload(CONFIG);
      await other.push(IMAGE);
    }
  });

  it("lists the repositories to which a manifest has been pushed", async () => {
    expect(await list()).toEqual({ names: ["a", "a/b", "b", "c"], hasMore: false });
    await new Repository(registry, "c").remove(IMAGE.digest);
    expect((await list()).names).toContain("c");
  });

  it.each<[Partial<PageOptions>, readonly string[], boolean]>([
    [{ limit: 3 }, ["a", "a/b", "b"], true],
    [{ limit: 0 }, [], true],
    [{ last: "a" }, ["a/b", "b", "c"], false],
    [{ last: "a/a", limit: 1 }, ["a/b"], true],
    [{ last: "c" }, [], false],
  ])("is listed in pages: %j", async (options, names, hasMore) => {
    const last = options.last === undefined ? undefined : parseRepositoryName(options.last);
    expect(await list({ ...options, last })).toEqual({ names, hasMore });
  });
});
