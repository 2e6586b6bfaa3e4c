import { beforeEach, describe, expect, it } from "vitest";
import { MAX_TAGS_PER_PUSH } from "../../lib/registry/manifests/push.ts";
import { listTags } from "../../lib/registry/tags.ts";
import { blob, type Content, image, index } from "../support/content.ts";
import { ociError, rejection } from "../support/errors.ts";
import { readRepository } from "../support/interleaving/repository.ts";
import { type MemoryRegistry, withInterceptor } from "../support/memory.ts";
import { createImageRepository, Repository, tagsNamed } from "../support/repository.ts";

const CONFIG = blob("config");
const LAYER = blob("layer");
const IMAGE = image({ config: CONFIG, layers: [LAYER] });
const OTHER = image({ config: CONFIG });

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  ({ memory, repository } = await createImageRepository(CONFIG, LAYER));
});

const tags = async () =>
  (await listTags(memory.registry, repository.name, { limit: 10_000, last: undefined })).names;

describe("deleting a tag", () => {
  it("keeps the manifest", async () => {
    await repository.push(IMAGE, { tags: ["a", "b"] });
    await repository.remove("a");
    await expect(repository.pull("a")).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
    expect(await repository.digestOf("b")).toBe(IMAGE.digest);
    await repository.remove("b");
    expect(await repository.pull(IMAGE.digest)).toEqual(IMAGE);
  });

  it("fails when the tag does not exist", async () => {
    await expect(repository.remove("a")).rejects.toThrow(ociError("MANIFEST_UNKNOWN", 404));
  });
});

describe("deleting a manifest", () => {
  it("deletes the tags that point to it, and no others", async () => {
    await repository.push(IMAGE, { tags: ["a", "b"] });
    await repository.push(OTHER, { tags: ["b", "c"] });
    await repository.remove(IMAGE.digest);
    for (const reference of [IMAGE.digest, "a"]) {
      await expect(repository.pull(reference)).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
    }
    expect(await tags()).toEqual(["b", "c"]);
  });

  it("fails when the manifest does not exist", async () => {
    await expect(repository.remove(IMAGE.digest)).rejects.toThrow(ociError("MANIFEST_UNKNOWN", 404));
    await repository.push(IMAGE);
    await repository.remove(IMAGE.digest);
    await expect(repository.remove(IMAGE.digest)).rejects.toThrow(ociError("MANIFEST_UNKNOWN", 404));
  });

  it("deletes more tags than fit in one write", async () => {
    for (const prefix of ["a", "b", "c", "d", "e", "f", "g"])
      await repository.push(IMAGE, { tags: tagsNamed(prefix, MAX_TAGS_PER_PUSH) });
    await repository.push(OTHER, { tags: ["kept"] });
    await repository.remove(IMAGE.digest);
    expect(await tags()).toEqual(["kept"]);
  });

  it("does not prevent another push", async () => {
    await repository.push(IMAGE, { tags: ["a"] });
    await repository.remove(IMAGE.digest);
    await repository.push(IMAGE, { tags: ["a"] });
    expect(await repository.digestOf("a")).toBe(IMAGE.digest);
  });

  it("deletes its dependency records, even when there are many and the manifest is in the blob store", async () => {
    const layers = Array.from({ length: 150 }, (_, number) => blob(`layer ${number}`));
    const wide = image({ config: CONFIG, layers, extra: { padding: "x".repeat(70_000) } });
    await repository.upload(...layers);
    await repository.push(wide);
    await repository.remove(wide.digest);
    for (const layer of [CONFIG, ...layers]) await repository.deleteBlob(layer);
    expect((await readRepository(memory.records, repository.name)).references).toEqual(new Set());
  });

  it("deletes its dependency records immediately after concurrent pushes", async () => {
    await Promise.all(tagsNamed("t", 10).map((tag) => repository.push(IMAGE, { tags: [tag] })));
    await repository.remove(IMAGE.digest);
    await repository.deleteBlob(LAYER);
    await repository.deleteBlob(CONFIG);
  });

  it("succeeds for one of several concurrent clients, and fails as unknown for the others", async () => {
    await repository.push(IMAGE, { tags: ["a"] });
    const removals = await Promise.allSettled([1, 2, 3, 4].map(() => repository.remove(IMAGE.digest)));
    expect(removals.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const removal of removals) {
      if (removal.status === "rejected") expect(removal.reason).toEqual(ociError("MANIFEST_UNKNOWN"));
    }
  });
});

describe("deleting with a precondition", () => {
  it.each<[string, string, Parameters<Repository["remove"]>[1], boolean]>([
    ["the tag points to the manifest, which it does", "a", [IMAGE.digest], true],
    ["the tag exists, which it does", "a", "present", true],
    ["the tag points to another manifest", "a", [OTHER.digest], false],
    ["the manifest exists, which it does", IMAGE.digest, "present", true],
    ["the manifest has the digest, which it does", IMAGE.digest, [IMAGE.digest], true],
    ["the manifest has another digest", IMAGE.digest, [OTHER.digest], false],
    ["a missing tag exists", "missing", "present", false],
  ])("that %s", async (_, reference, precondition, succeeds) => {
    await repository.push(IMAGE, { tags: ["a"] });
    const removal = repository.remove(reference, precondition);
    if (succeeds) await removal;
    else await expect(removal).rejects.toThrow(ociError("PRECONDITION_FAILED", 412));
    const after = await repository.pull("a").catch(() => undefined);
    expect(after === undefined).toBe(succeeds);
  });
});

describe("deleting a tag with a precondition", () => {
  it("fails and keeps the tag when the tag moves between the read and the write", async () => {
    await repository.push(IMAGE, { tags: ["a"] });
    await repository.push(OTHER);
    const conflicting = withInterceptor(memory.registry, async ({ method }, run) => {
      const result = await run();
      if (method === "get") await repository.push(OTHER, { tags: ["a"] });
      return result;
    });
    const removal = new Repository(conflicting, repository.name).remove("a", [IMAGE.digest]);
    await expect(removal).rejects.toThrow(ociError("PRECONDITION_FAILED", 412));
    expect(await repository.digestOf("a")).toBe(OTHER.digest);
  });
});

describe("a dependency", () => {
  it.each([CONFIG, LAYER])("cannot be deleted: a blob ($digest)", async (content) => {
    await repository.push(IMAGE, { tags: ["a"] });
    const error = await rejection(repository.deleteBlob(content));
    expect(error).toMatchObject({
      code: "DENIED",
      details: [{ digest: content.digest, neededBy: IMAGE.digest }],
    });
    expect(await repository.sizeOf(content)).toBe(content.bytes.length);
  });

  it("cannot be deleted while any manifest depends on it", async () => {
    await repository.push(IMAGE);
    await repository.push(OTHER);
    await repository.remove(IMAGE.digest);
    await repository.deleteBlob(LAYER);
    await expect(repository.deleteBlob(CONFIG)).rejects.toThrow(ociError("DENIED"));
    await repository.remove(OTHER.digest);
    await repository.deleteBlob(CONFIG);
  });

  it("cannot be deleted: a child of an index", async () => {
    const list = index([IMAGE, OTHER]);
    await repository.push(IMAGE, { tags: ["child"] });
    await repository.push(OTHER);
    await repository.push(list, { tags: ["list"] });
    const error = await rejection(repository.remove(IMAGE.digest));
    expect(error).toMatchObject({ code: "DENIED", details: [{ neededBy: list.digest }] });
    expect(await repository.digestOf("child")).toBe(IMAGE.digest);
    await repository.remove("child");
    await repository.remove(list.digest);
    await repository.remove(IMAGE.digest);
  });

  it("cannot be deleted: a child that was pushed after its index", async () => {
    await repository.push(index([IMAGE]));
    await repository.push(IMAGE);
    await expect(repository.remove(IMAGE.digest)).rejects.toThrow(ociError("DENIED"));
  });

  it("cannot be deleted: an index in an index", async () => {
    const inner = index([]);
    await repository.push(inner);
    await repository.push(index([inner]));
    await expect(repository.remove(inner.digest)).rejects.toThrow(ociError("DENIED"));
  });

  it("can still be pushed, pulled and depended on after its deletion was rejected", async () => {
    await repository.push(IMAGE, { tags: ["a"] });
    await expect(repository.deleteBlob(LAYER)).rejects.toThrow(ociError("DENIED"));
    await repository.push(image({ config: LAYER }), { tags: ["b"] });
    expect(await repository.digestOf("a")).toBe(IMAGE.digest);
  });

  it("does not include the subject, which can be deleted while its referrers remain listed", async () => {
    const attached = image({ config: CONFIG, subject: IMAGE });
    await repository.push(IMAGE);
    await repository.push(attached);
    await repository.remove(IMAGE.digest);
    expect(await repository.pull(attached.digest)).toEqual(attached);
  });

  it("prevents deletion in its own repository only", async () => {
    const other = new Repository(memory.registry, "other");
    await other.upload(LAYER);
    await repository.push(IMAGE);
    await other.deleteBlob(LAYER);
  });
});

describe("a push that takes longer than 15 minutes", () => {
  it("keeps its blobs when a concurrent deletion treats its dependencies as abandoned", async () => {
    const content = image({ config: LAYER });
    const atLastWrite = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    const slow = withInterceptor(memory.registry, async ({ method, about }, run) => {
      if (method === "write" && about.includes(` manifest#${content.digest}`)) {
        atLastWrite.resolve();
        await mayEnd.promise;
      }
      return await run();
    });
    const push = new Repository(slow, repository.name).push(content);
    await atLastWrite.promise;
    memory.clock.advance(15 * 60);
    const conflicting = withInterceptor(memory.registry, async ({ method, about }, run) => {
      const result = await run();
      if (method === "get" && about.includes(" manifest#")) {
        mayEnd.resolve();
        await push;
      }
      return result;
    });
    const removal = new Repository(conflicting, repository.name).deleteBlob(LAYER);
    await expect(removal).rejects.toThrow(ociError("DENIED", 405));
    expect(await repository.sizeOf(LAYER)).toBe(LAYER.bytes.length);
  });
});

describe("a push that was interrupted", () => {
  it("prevents the deletion of its blobs for 15 minutes", async () => {
    await beginPush(image({ config: LAYER }));
    memory.clock.advance(15 * 60 - 1);
    await expect(repository.deleteBlob(LAYER)).rejects.toThrow(ociError("DENIED"));
    memory.clock.advance(1);
    await repository.deleteBlob(LAYER);
    expect((await readRepository(memory.records, repository.name)).references).toEqual(new Set());
  });

  it("can be retried", async () => {
    const content = image({ config: LAYER });
    await beginPush(content);
    await repository.push(content, { tags: ["a"] });
    expect(await repository.digestOf("a")).toBe(content.digest);
  });

  /** Performs a push without its last write. */
  async function beginPush(content: Content): Promise<void> {
    const { registry } = memory;
    const records = {
      ...registry.records,
      write: async (changes: Parameters<typeof registry.records.write>[0]) => {
        const isLast = changes.some((change) => "put" in change && change.put.sort.startsWith("manifest#"));
        if (isLast) throw new Error("the process was killed");
        await registry.records.write(changes);
      },
    };
    const interrupted = new Repository({ ...registry, records }, repository.name);
    await expect(interrupted.push(content)).rejects.toThrow("killed");
  }
});
