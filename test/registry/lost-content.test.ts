import { beforeEach, describe, expect, it } from "vitest";
import { parseReference, parseTag } from "../../lib/oci/reference.ts";
import { type Key, put } from "../../lib/ports/record-store.ts";
import { findBlob, getBlob, statBlob } from "../../lib/registry/blobs.ts";
import { MAX_INLINE_BYTES } from "../../lib/registry/manifests/content.ts";
import { getManifest } from "../../lib/registry/manifests/get.ts";
import { blobLinkKey, type DeletionMark, manifestKey, tagKey } from "../../lib/registry/records.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { blob, image } from "../support/content.ts";
import { ociError } from "../support/errors.ts";
import { callsOf, createMemoryRegistry, type MemoryRegistry } from "../support/memory.ts";
import { Repository } from "../support/repository.ts";

const LAYER = blob("layer");
const LARGE = image({ layers: [], config: LAYER, extra: { padding: "x".repeat(MAX_INLINE_BYTES) } });
const TAG = parseTag("latest");

let memory: MemoryRegistry;
let repository: Repository;
/** The registry after the bytes of all blobs have been lost. */
let lost: RegistryContext;

beforeEach(async () => {
  memory = createMemoryRegistry();
  repository = new Repository(memory.registry, "team/app");
  await repository.upload(LAYER);
  await repository.push(LARGE, { tags: [TAG] });
  const blobs = { stat: async () => undefined, get: async () => undefined, put: memory.registry.blobs.put };
  lost = { ...memory.registry, blobs, marksLostContent: true };
});

async function readBlob(registry: RegistryContext): Promise<void> {
  const link = await findBlob(registry, repository.name, LAYER.digest);
  await expect(getBlob(registry, LAYER.digest, link)).rejects.toThrow(ociError("BLOB_UNKNOWN", 404));
}

async function readManifest(registry: RegistryContext, reference: string): Promise<void> {
  const found = await getManifest(registry, repository.name, parseReference(reference));
  await expect(found.load()).rejects.toThrow(ociError("MANIFEST_UNKNOWN", 404));
}

async function condemn<T extends DeletionMark>(key: Key<T>): Promise<void> {
  const value = await memory.records.get(key);
  if (value === undefined) throw new Error("no such record");
  await memory.records.write([put(key, { ...value, condemned: "id" })]);
}

describe("a read of lost content", () => {
  const linkKey = () => blobLinkKey(repository.name, LAYER.digest);

  it("marks nothing when the registry does not mark lost content", async () => {
    const { marksLostContent, ...unmarked } = lost;
    const calls = await callsOf(unmarked, async (registry) => {
      await readBlob(registry);
      await readManifest(registry, LARGE.digest);
      await readManifest(registry, TAG);
    });
    expect(new Set(calls.map(({ method }) => method))).toEqual(new Set(["get"]));
  });

  it("marks the link of the blob once", async () => {
    await readBlob(lost);
    await expect(statBlob(lost, repository.name, LAYER.digest)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
    const calls = await callsOf(lost, readBlob);
    expect(calls.map(({ method }) => method)).not.toContain("write");
  });

  it("marks the tag and the manifest, once", async () => {
    await readManifest(lost, TAG);
    expect(await memory.records.get(tagKey(repository.name, TAG))).toMatchObject({ lost: true });
    expect(await memory.records.get(manifestKey(repository.name, LARGE.digest))).toMatchObject({
      lost: true,
    });
    const calls = await callsOf(lost, (registry) => readManifest(registry, TAG));
    expect(calls.map(({ method }) => method)).not.toContain("write");
  });

  it("does not mark records that are being deleted", async () => {
    const manifest = manifestKey(repository.name, LARGE.digest);
    await condemn(linkKey());
    await condemn(manifest);
    await readBlob(lost);
    await readManifest(lost, LARGE.digest);
    expect(await memory.records.get(linkKey())).toEqual({ size: LAYER.bytes.length, condemned: "id" });
    expect(await memory.records.get(manifest)).not.toHaveProperty("lost");
  });

  it("is reported as missing even if the mark cannot be written", async () => {
    const write = () => Promise.reject(new Error("no space"));
    const records = {
      get: lost.records.get.bind(lost.records),
      getMany: lost.records.getMany.bind(lost.records),
      query: lost.records.query.bind(lost.records),
      queryKeys: lost.records.queryKeys.bind(lost.records),
      write,
    };
    await readBlob({ ...lost, records });
    await readManifest({ ...lost, records }, TAG);
    expect(await statBlob(lost, repository.name, LAYER.digest)).toEqual({ size: LAYER.bytes.length });
  });
});

it("a read that succeeds again clears the marks", async () => {
  await readBlob(lost);
  await readManifest(lost, TAG);
  const registry = { ...memory.registry, marksLostContent: true as const };
  await getBlob(registry, LAYER.digest, await findBlob(registry, repository.name, LAYER.digest));
  await (await getManifest(registry, repository.name, TAG)).load();
  expect(await statBlob(registry, repository.name, LAYER.digest)).toEqual({ size: LAYER.bytes.length });
  expect((await getManifest(registry, repository.name, TAG)).isLost).toBe(false);
  expect((await getManifest(registry, repository.name, LARGE.digest)).isLost).toBe(false);
});
