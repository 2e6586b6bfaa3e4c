import { beforeEach, describe, expect, it } from "vitest";
import { parseReference } from "../../lib/oci/reference.ts";
import { put, remove } from "../../lib/ports/record-store.ts";
import { finishUpload } from "../../lib/registry/finish-upload.ts";
import { getManifest } from "../../lib/registry/manifests/get.ts";
import { listReferrers } from "../../lib/registry/manifests/referrers.ts";
import { blobLinkKey, manifestKey } from "../../lib/registry/records.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { appendChunk, cancelUpload, startUpload } from "../../lib/registry/uploads.ts";
import { blob, bodyOf, image, index } from "../support/content.ts";
import { ociError } from "../support/errors.ts";
import { callsOf, type MemoryRegistry, withInterceptor } from "../support/memory.ts";
import { createImageRepository, Repository } from "../support/repository.ts";

const CONFIG = blob("config");
const IMAGE = image({ config: CONFIG });

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  ({ memory, repository } = await createImageRepository(CONFIG));
});

describe("a rejected deletion", () => {
  it("leaves no deletion mark on the record", async () => {
    await repository.push(IMAGE);
    const before = await memory.records.get(blobLinkKey(repository.name, CONFIG.digest));
    await expect(repository.deleteBlob(CONFIG)).rejects.toThrow(ociError("DENIED"));
    const after = await memory.records.get(blobLinkKey(repository.name, CONFIG.digest));
    expect(after).toEqual(before);
    expect(after?.condemned).toBeUndefined();
  });
});

describe("an upload session", () => {
  const start = async () => {
    const { id } = await startUpload(memory.registry, repository.name);
    const chunk = { body: bodyOf("bytes"), range: undefined };
    await appendChunk(memory.registry, repository.name, id, chunk);
    return id;
  };

  it.each<[string, (registry: RegistryContext, id: string) => Promise<void>]>([
    ["cancelled", (registry, id) => cancelUpload(registry, repository.name, id)],
    [
      "closed",
      (registry, id) => finishUpload(registry, repository.name, id, blob("bytes").digest, undefined),
    ],
  ])("frees its staged bytes when it is %s", async (_, end) => {
    const id = await start();
    const calls = await callsOf(memory.registry, (registry) => end(registry, id));
    expect(calls.at(-1)).toEqual({ store: "uploads", method: "discard", about: id });
  });
});

describe("a closing request", () => {
  it("with the whole blob ends the session and frees its staged bytes", async () => {
    const { id } = await startUpload(memory.registry, repository.name);
    const chunk = { body: bodyOf("bytes"), range: undefined };
    const { digest } = blob("bytes");
    const calls = await callsOf(memory.registry, (registry) =>
      finishUpload(registry, repository.name, id, digest, chunk),
    );
    expect(calls.at(-1)).toEqual({ store: "uploads", method: "discard", about: id });
    const again = cancelUpload(memory.registry, repository.name, id);
    await expect(again).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
  });

  it("leaves the session unchanged when the store fails, so that the request can be retried", async () => {
    const { registry } = memory;
    const { id } = await startUpload(registry, repository.name);
    const chunk = { body: bodyOf("bytes"), range: undefined };
    await appendChunk(registry, repository.name, id, chunk);
    const failing = withInterceptor(registry, async ({ method }, run) => {
      if (method === "commit") throw new Error("no network");
      return await run();
    });
    const { digest } = blob("bytes");
    const failed = finishUpload(failing, repository.name, id, digest, undefined);
    await expect(failed).rejects.toThrow("no network");
    await finishUpload(registry, repository.name, id, digest, undefined);
    expect(await repository.sizeOf(blob("bytes"))).toBe(5);
  });
});

describe("a chunk", () => {
  it("that is longer than its range is not read to the end", async () => {
    let read = 0;
    async function* endless() {
      for (; read < 1000; read++) yield Buffer.from("1234567890");
    }
    const { id } = await startUpload(memory.registry, repository.name);
    const chunk = { body: endless(), range: { first: 0, last: 24 } };
    const appended = appendChunk(memory.registry, repository.name, id, chunk);
    await expect(appended).rejects.toThrow(ociError("SIZE_INVALID"));
    expect(read).toBe(2);
  });
});

describe("a referrer", () => {
  it("is listed without its long annotations when its manifest is deleted concurrently", async () => {
    const subject = blob("subject");
    const extra = { annotations: { long: "x".repeat(200_000) } };
    const content = image({ config: CONFIG, subject, extra });
    await repository.push(content);
    await memory.records.write([remove(manifestKey(repository.name, content.digest))]);
    const options = { artifactType: undefined, after: undefined };
    const { descriptors } = await listReferrers(memory.registry, repository.name, subject.digest, options);
    expect(descriptors).toMatchObject([{ digest: content.digest, size: content.bytes.length }]);
    expect(descriptors[0]).not.toHaveProperty("annotations");
  });
});

describe("a manifest", () => {
  it("writes nothing when it is rejected", async () => {
    const incomplete = image({ config: CONFIG, layers: [blob("missing")] });
    const calls = await callsOf(memory.registry, async (registry) => {
      const pushed = new Repository(registry, "library/image").push(incomplete, { tags: ["a"] });
      await expect(pushed).rejects.toThrow(ociError("MANIFEST_BLOB_UNKNOWN"));
    });
    expect(calls.filter(({ method }) => method === "write" || method === "put")).toEqual([]);
  });

  it("is unknown when its bytes are missing in the blob store", async () => {
    const large = image({ config: CONFIG, extra: { padding: "x".repeat(70_000) } });
    await repository.push(large, { tags: ["a"] });
    const { registry } = memory;
    const blobs: RegistryContext["blobs"] = {
      stat: (digest) => registry.blobs.stat(digest),
      put: (digest, body) => registry.blobs.put(digest, body),
      get: async () => undefined,
    };
    const { load } = await getManifest({ ...registry, blobs }, repository.name, parseReference("a"));
    await expect(load()).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
  });

  it("aborts a concurrent deletion of a blob that it depends on", async () => {
    const key = blobLinkKey(repository.name, CONFIG.digest);
    const record = await memory.records.get(key);
    if (record === undefined) throw new Error("no blob");
    await memory.records.write([put(key, { ...record, condemned: "a removal" })]);
    await repository.push(IMAGE);
    expect(await memory.records.get(key)).toEqual(record);
  });

  it("aborts a concurrent deletion of a manifest that it depends on", async () => {
    await repository.push(IMAGE);
    const key = manifestKey(repository.name, IMAGE.digest);
    const record = await memory.records.get(key);
    if (record === undefined) throw new Error("no manifest");
    await memory.records.write([put(key, { ...record, condemned: "a removal" })]);
    await repository.push(index([IMAGE]));
    expect(await memory.records.get(key)).toEqual(record);
  });
});
