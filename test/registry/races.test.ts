import { beforeEach, describe, expect, it } from "vitest";
import { parseTag } from "../../lib/oci/reference.ts";
import { ConditionFailedError } from "../../lib/ports/record-store.ts";
import { locateBlob, mountBlob } from "../../lib/registry/blobs.ts";
import { MAX_INLINE_BYTES, MAX_MANIFEST_BYTES } from "../../lib/registry/manifests/content.ts";
import { listReferrers } from "../../lib/registry/manifests/referrers.ts";
import { manifestKey, referrerKey, tagKey } from "../../lib/registry/records.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { retryOnConflict } from "../../lib/registry/retry.ts";
import { blob, image, index } from "../support/content.ts";
import { ociError } from "../support/errors.ts";
import { callsOf, type MemoryRegistry } from "../support/memory.ts";
import { createImageRepository, Repository } from "../support/repository.ts";

const CONFIG = blob("config");

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  ({ memory, repository } = await createImageRepository(CONFIG));
});

describe("an attempt that conflicts with other writes", () => {
  const failing = (failures: number, error: Error) => {
    let tries = 0;
    return async () => {
      tries += 1;
      if (tries <= failures) throw error;
      return tries;
    };
  };
  const conflict = new ConditionFailedError([]);

  it.each([0, 1, 29])("succeeds after %d conflicts", async (failures) => {
    expect(await retryOnConflict(failing(failures, conflict))).toBe(failures + 1);
  });

  it("fails after thirty conflicts", async () => {
    const attempt = failing(30, conflict);
    await expect(retryOnConflict(attempt)).rejects.toThrow(ociError("TOOMANYREQUESTS"));
    expect(await attempt()).toBe(31);
  });

  it("is not repeated for another error", async () => {
    const attempt = failing(1, new Error("broken"));
    await expect(retryOnConflict(attempt)).rejects.toThrow("broken");
    expect(await attempt()).toBe(2);
  });
});

it("twenty pushes of different manifests under one tag at the same time all succeed", async () => {
  const images = Array.from({ length: 20 }, (_, number) => image({ config: CONFIG, extra: { number } }));
  const pushes = images.map((content) => repository.push(content, { tags: ["latest"] }));
  expect((await Promise.allSettled(pushes)).map(({ status }) => status)).toEqual(
    images.map(() => "fulfilled"),
  );
  expect(images.map(({ digest }) => digest)).toContain(await repository.digestOf("latest"));
});

describe("a mount", () => {
  const into = (name: string) => new Repository(memory.registry, name);

  it.each([true, false])("from a named repository requires the right to read it: %s", async (mayRead) => {
    const { name } = into("library/other");
    const mounted = mountBlob(memory.registry, name, CONFIG.digest, repository.name, {
      mayRead: () => mayRead,
      searched: [],
    });
    expect(await mounted).toBe(mayRead);
  });

  it.each<[string, Error, boolean]>([
    ["finds nothing when the blob is removed at the same time", new ConditionFailedError([]), true],
    ["fails when the store does", new Error("no network"), false],
  ])("%s", async (_, error, isRemoval) => {
    const { registry } = memory;
    const records = { ...registry.records, write: () => Promise.reject(error) };
    const { name } = into("library/other");
    const mounted = mountBlob({ ...registry, records }, name, CONFIG.digest, repository.name);
    if (isRemoval) expect(await mounted).toBe(false);
    else await expect(mounted).rejects.toThrow("no network");
  });

  it("without a source searches the repository itself and those that the caller is known to read", async () => {
    for (const name of ["library/a", "library/b"]) await into(name).upload(CONFIG);
    const mount = (target: string, searched?: readonly string[]) =>
      mountBlob(memory.registry, into(target).name, CONFIG.digest, undefined, {
        mayRead: () => true,
        searched: searched?.map((name) => into(name).name),
      });
    expect(await mount("library/other", [])).toBe(false);
    expect(await mount("library/other", ["library/c", "library/other"])).toBe(false);
    expect(await mount("library/b", [])).toBe(true);
    expect(await mount("library/d", ["library/c", "library/a"])).toBe(true);
    expect(await mount("library/e", undefined)).toBe(true);
  });
});

describe("the URL of a blob", () => {
  it.each([undefined, "https://blobs.example/1"])("is what the store says: %s", async (url) => {
    const { registry } = memory;
    const locate = url === undefined ? {} : { locate: async () => url };
    const blobs: RegistryContext["blobs"] = {
      stat: (digest) => registry.blobs.stat(digest),
      get: (digest) => registry.blobs.get(digest),
      put: (digest, body) => registry.blobs.put(digest, body),
      ...locate,
    };
    expect(await locateBlob({ ...registry, blobs }, CONFIG.digest)).toBe(url);
  });
});

it("a manifest may have 4 MiB, of which 32 KiB are stored in the record", () => {
  expect([MAX_MANIFEST_BYTES, MAX_INLINE_BYTES]).toEqual([4 * 1024 * 1024, 32 * 1024]);
});

describe("a record", () => {
  const sized = (size: number) => {
    const padded = (length: number) => image({ config: CONFIG, extra: { padding: "x".repeat(length) } });
    return padded(size - padded(0).bytes.length);
  };

  it.each([
    ["holds the bytes of a small manifest", MAX_INLINE_BYTES, true],
    ["does not hold those of a large one", MAX_INLINE_BYTES + 1, false],
  ])("%s", async (_, size, hasBody) => {
    const content = sized(size);
    expect(content.bytes.length).toBe(size);
    await repository.push(content, { tags: ["a"] });
    const records = [
      await memory.records.get(tagKey(repository.name, parseTag("a"))),
      await memory.records.get(manifestKey(repository.name, content.digest)),
    ];
    expect(records.map((record) => record !== undefined && "body" in record)).toEqual([hasBody, hasBody]);
  });

  it("of a referrer has no fields for what its manifest lacks", async () => {
    const { digest, mediaType, bytes } = image({ config: CONFIG });
    const referrer = index([], { subject: { digest, mediaType, size: bytes.length } });
    await repository.push(referrer);
    const record = await memory.records.get(referrerKey(repository.name, digest, referrer.digest));
    expect(Object.keys(record ?? {}).sort()).toEqual(["mediaType", "size"]);
  });

  it.each([
    ["holds annotations of 32 KiB", 0, ["records.query"]],
    ["does not hold longer ones", 1, ["records.query", "records.get", "blobs.get"]],
  ])("of a referrer %s", async (_, more, expected) => {
    const subject = blob("subject");
    const annotations = { a: "x".repeat(32 * 1024 - '{"a":""}'.length + more) };
    await repository.push(image({ config: CONFIG, subject, extra: { annotations } }));
    const options = { artifactType: undefined, after: undefined };
    const calls = await callsOf(memory.registry, async (registry) => {
      const { descriptors } = await listReferrers(registry, repository.name, subject.digest, options);
      expect(descriptors[0]?.annotations).toEqual(annotations);
    });
    expect(calls.map(({ store, method }) => `${store}.${method}`)).toEqual(expected);
  });
});
