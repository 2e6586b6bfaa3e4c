import { beforeEach, describe, expect, it } from "vitest";
import { getBlob, putBlob } from "../../lib/registry/blobs.ts";
import { blob, bodyOf, collect, image } from "../support/content.ts";
import { ociError } from "../support/errors.ts";
import { createMemoryRegistry, type MemoryRegistry, withInterceptor } from "../support/memory.ts";
import { Repository } from "../support/repository.ts";

const LAYER = blob("layer");

let memory: MemoryRegistry;
let repository: Repository;
let other: Repository;
let third: Repository;

beforeEach(() => {
  memory = createMemoryRegistry();
  repository = new Repository(memory.registry, "team/app");
  other = new Repository(memory.registry, "team/other");
  third = new Repository(memory.registry, "third");
});

const LINK = { size: LAYER.bytes.length };

describe("a blob", () => {
  it("is unknown before it is uploaded", async () => {
    await expect(repository.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN", 404));
    await expect(getBlob(memory.registry, LAYER.digest, LINK)).rejects.toThrow(ociError("BLOB_UNKNOWN", 404));
  });

  it("can be read completely and by range after it is uploaded", async () => {
    await repository.upload(LAYER);
    expect(await repository.sizeOf(LAYER)).toBe(5);
    const whole = await collect(await getBlob(memory.registry, LAYER.digest, LINK));
    const part = await collect(await getBlob(memory.registry, LAYER.digest, LINK, { first: 1, last: 3 }));
    expect([whole.toString(), part.toString()]).toEqual(["layer", "aye"]);
  });

  it("is unknown in other repositories, even when the client names its digest", async () => {
    await repository.upload(LAYER);
    await expect(other.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
  });

  it("is rejected and not linked when its bytes do not match the digest", async () => {
    const wrong = putBlob(memory.registry, repository.name, LAYER.digest, bodyOf("other"));
    await expect(wrong).rejects.toThrow(ociError("DIGEST_INVALID"));
    await expect(repository.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
  });

  it("can be uploaded again, and by concurrent clients", async () => {
    await Promise.all([1, 2, 3, 4, 5].map(() => repository.upload(LAYER)));
    await repository.upload(LAYER);
    expect(await repository.sizeOf(LAYER)).toBe(5);
  });

  it("is unknown after its deletion, in that repository only", async () => {
    await repository.upload(LAYER);
    await other.upload(LAYER);
    await repository.deleteBlob(LAYER);
    await expect(repository.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
    await expect(repository.deleteBlob(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN", 404));
    expect(await other.sizeOf(LAYER)).toBe(5);
  });

  it("can be uploaded again after its deletion", async () => {
    await repository.upload(LAYER);
    await repository.deleteBlob(LAYER);
    await repository.upload(LAYER);
    expect(await repository.sizeOf(LAYER)).toBe(5);
  });
});

describe("a mount", () => {
  it("links a blob from another repository without an upload", async () => {
    await repository.upload(LAYER);
    expect(await other.mount(LAYER, "team/app")).toBe(true);
    expect(await other.sizeOf(LAYER)).toBe(5);
  });

  it("keeps the blob when the source repository deletes its link", async () => {
    await repository.upload(LAYER);
    await other.mount(LAYER, "team/app");
    await repository.deleteBlob(LAYER);
    expect(await other.sizeOf(LAYER)).toBe(5);
    expect(await third.mount(LAYER, "team/other")).toBe(true);
  });

  it("links nothing when the source repository lacks the blob", async () => {
    await repository.upload(LAYER);
    expect(await other.mount(LAYER, "third")).toBe(false);
    await expect(other.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
  });

  it("finds a source repository when the client specifies none", async () => {
    await repository.upload(LAYER);
    expect(await other.mount(LAYER)).toBe(true);
    await repository.deleteBlob(LAYER);
    expect(await third.mount(LAYER)).toBe(true);
  });

  it("links nothing when the blob was never uploaded or has been deleted", async () => {
    expect(await other.mount(LAYER)).toBe(false);
    await repository.upload(LAYER);
    await repository.deleteBlob(LAYER);
    expect(await other.mount(LAYER)).toBe(false);
    expect(await other.mount(LAYER, "team/app")).toBe(false);
  });

  it("links nothing when the source deletes its blob between the read and the write", async () => {
    await repository.upload(LAYER);
    const conflicting = withInterceptor(memory.registry, async ({ method }, run) => {
      const result = await run();
      if (method === "get") await repository.deleteBlob(LAYER);
      return result;
    });
    expect(await new Repository(conflicting, "team/other").mount(LAYER, "team/app")).toBe(false);
    await expect(other.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
  });

  it("changes nothing when the repository already has the blob", async () => {
    await repository.upload(LAYER);
    expect(await repository.mount(LAYER, "team/app")).toBe(true);
    expect(await repository.mount(LAYER)).toBe(true);
    await repository.deleteBlob(LAYER);
    await expect(repository.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
  });

  it("makes the blob available to manifests in the repository", async () => {
    await repository.upload(LAYER);
    await other.mount(LAYER, "team/app");
    await other.push(image({ config: LAYER }), { tags: ["mounted"] });
    await expect(other.deleteBlob(LAYER)).rejects.toThrow(ociError("DENIED"));
    await repository.deleteBlob(LAYER);
  });
});
