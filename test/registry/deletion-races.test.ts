import { beforeEach, describe, expect, it } from "vitest";
import { type Change, ConditionFailedError, keyOf } from "../../lib/ports/record-store.ts";
import { finishUpload } from "../../lib/registry/finish-upload.ts";
import { MAX_TAGS_PER_PUSH } from "../../lib/registry/manifests/push.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { listTags } from "../../lib/registry/tags.ts";
import { blob, image, index } from "../support/content.ts";
import { ociError } from "../support/errors.ts";
import type { MemoryRegistry } from "../support/memory.ts";
import { createImageRepository, Repository, tagsNamed } from "../support/repository.ts";

const CONFIG = blob("config");
const LAYER = blob("layer");
const IMAGE = image({ config: CONFIG });

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  ({ memory, repository } = await createImageRepository(CONFIG, LAYER));
});

/** Returns a repository whose writes pass through a function. */
function withWrites(write: (changes: readonly Change[]) => Promise<void>): Repository {
  const { registry } = memory;
  const records: RegistryContext["records"] = {
    get: (key) => registry.records.get(key),
    getMany: (keys) => registry.records.getMany(keys),
    query: (prefix, options) => registry.records.query(prefix, options),
    queryKeys: (prefix, options) => registry.records.queryKeys(prefix, options),
    write,
  };
  return new Repository({ ...registry, records }, repository.name);
}

function removes(changes: readonly Change[], prefix: string): boolean {
  return changes.some((change) => "remove" in change && keyOf(change).sort.startsWith(prefix));
}

/** Runs a deletion. @returns the first of its writes that deletes records with the prefix, which it has made already */
async function repeatedWriteOf(
  prefix: string,
  remove: (client: Repository) => Promise<void>,
): Promise<readonly Change[]> {
  const writes: (readonly Change[])[] = [];
  const recorded = withWrites(async (changes) => {
    writes.push(changes);
    await memory.records.write(changes);
  });
  await remove(recorded);
  return writes.find((changes) => removes(changes, prefix)) ?? [];
}

/** Runs a deletion of a client that is killed. @returns its last write, which has yet to arrive */
async function lateWriteOf(
  prefix: string,
  remove: (client: Repository) => Promise<void>,
): Promise<readonly Change[]> {
  let late: readonly Change[] = [];
  const killed = withWrites(async (changes) => {
    if (!removes(changes, prefix)) return await memory.records.write(changes);
    late = changes;
    throw new Error("killed");
  });
  await expect(remove(killed)).rejects.toThrow("killed");
  return late;
}

async function expectConflict(changes: readonly Change[]): Promise<void> {
  await expect(memory.records.write(changes)).rejects.toThrow(ConditionFailedError);
}

describe("an index whose children are blobs", () => {
  const cache = index([CONFIG, LAYER]);

  it.each([CONFIG, LAYER])(
    "keeps a child that is being deleted when it is pushed ($digest)",
    async (child) => {
      let isPushed = false;
      const slow = withWrites(async (changes) => {
        if (removes(changes, "blob#") && !isPushed) {
          isPushed = true;
          await repository.push(cache);
        }
        await memory.records.write(changes);
      });
      await expect(slow.deleteBlob(child)).rejects.toThrow(ociError("DENIED", 405));
      expect(await repository.sizeOf(child)).toBe(child.bytes.length);
    },
  );

  it("may lack its children, and protects those that are uploaded later", async () => {
    await repository.deleteBlob(LAYER);
    await repository.push(cache);
    await repository.upload(LAYER);
    await expect(repository.deleteBlob(LAYER)).rejects.toThrow(ociError("DENIED", 405));
    await repository.remove(cache.digest);
    await repository.deleteBlob(LAYER);
  });
});

describe("a deletion of a tag", () => {
  const remove = (client: Repository) => client.remove("a");

  it.each([
    ["repeated after it has succeeded", repeatedWriteOf],
    ["whose write arrives after its client was killed", lateWriteOf],
  ])("%s keeps a tag that was pushed again, with the same manifest", async (_, write) => {
    await repository.push(IMAGE, { tags: ["a"] });
    const changes = await write("tag#", remove);
    await repository.push(IMAGE, { tags: ["a"] });
    await expectConflict(changes);
    expect(await repository.digestOf("a")).toBe(IMAGE.digest);
  });
});

describe("a move of a tag", () => {
  it("that is repeated keeps a tag that has moved away and back since", async () => {
    const [before, after] = [image({ config: CONFIG, extra: { number: 1 } }), IMAGE];
    await repository.push(after);
    await repository.push(before, { tags: ["a"] });
    let move: readonly Change[] = [];
    const recorded = withWrites(async (changes) => {
      move = changes;
      await memory.records.write(changes);
    });
    await recorded.push(after, { tags: ["a"] });
    await repository.push(before, { tags: ["a"] });
    await expectConflict(move);
    expect(await repository.digestOf("a")).toBe(before.digest);
  });
});

describe("a deletion of a manifest", () => {
  it("deletes no tag by a late write once the manifest was pushed again", async () => {
    const tags = Array.from({ length: 4 }, (_, number) => tagsNamed(`t${number}`, MAX_TAGS_PER_PUSH));
    for (const some of tags) await repository.push(IMAGE, { tags: some });
    const changes = await lateWriteOf("tag#", (client) => client.remove(IMAGE.digest));
    await repository.push(IMAGE);
    await expectConflict(changes);
    const { names } = await listTags(memory.registry, repository.name, { limit: 100, last: undefined });
    expect(names).toEqual(tags.flat());
  });

  it("succeeds for an index that is also a referrer of its child, and for the child", async () => {
    const cycle = index([IMAGE], {
      subject: { mediaType: IMAGE.mediaType, digest: IMAGE.digest, size: IMAGE.bytes.length },
    });
    await repository.push(IMAGE, { tags: ["child"] });
    await repository.push(cycle, { tags: ["cycle"] });
    await expect(repository.remove(IMAGE.digest)).rejects.toThrow(ociError("DENIED", 405));
    await repository.remove(cycle.digest);
    await repository.remove(IMAGE.digest);
    await repository.deleteBlob(CONFIG);
  });
});

describe("a deletion of a blob that was interrupted before its last write", () => {
  const linked = blob("linked");

  it.each<[string, () => Promise<unknown>]>([
    ["a mount within the repository", () => repository.mount(linked, repository.name)],
    ["a mount from any repository", () => repository.mount(linked)],
    ["an upload", () => repository.upload(linked)],
    [
      "a repeated closing request of an upload",
      () => finishUpload(memory.registry, repository.name, "closed", linked.digest, undefined),
    ],
  ])("does not delete what %s has acknowledged since", async (_, acknowledge) => {
    await repository.upload(linked);
    const changes = await lateWriteOf("blob#", (client) => client.deleteBlob(linked));
    expect(await acknowledge()).not.toBe(false);
    await expectConflict(changes);
    expect(await repository.sizeOf(linked)).toBe(linked.bytes.length);
  });
});
