import { expect, it } from "vitest";
import { createLazyStores } from "../../functions/lazy-stores.ts";
import type { BlobStore } from "../../lib/ports/blob-store.ts";
import { bodyOf } from "../../lib/ports/body.ts";
import { MemoryBlobs } from "../../lib/storage/memory/blobs.ts";
import { blob } from "../support/content.ts";

const { bytes, digest } = blob("0123456789");

/** Blobs in memory that record the arguments of their calls. */
class RecordingBlobs extends MemoryBlobs {
  readonly calls: unknown[][] = [];

  override async put(...args: Parameters<BlobStore["put"]>) {
    this.calls.push(args);
    return await super.put(args[0], args[1]);
  }

  override async get(...args: Parameters<BlobStore["get"]>) {
    this.calls.push(args);
    return await super.get(args[0], args[1]);
  }

  async locate(): Promise<string> {
    return "https://bucket.example.com";
  }
}

it("passes on the length of a blob, on which the way of its upload depends, and its size", async () => {
  const blobs = new RecordingBlobs();
  const stores = createLazyStores(async () => ({ blobs, uploads: blobs }));
  const body = bodyOf(bytes);
  await stores.blobs.put(digest, body, bytes.length);
  await stores.blobs.get(digest, { first: 0, last: 3 }, bytes.length);
  expect(blobs.calls).toEqual([
    [digest, body, bytes.length],
    [digest, { first: 0, last: 3 }, bytes.length],
  ]);
});

it("opens the stores once, and again after a failure", async () => {
  const blobs = new RecordingBlobs();
  let attempts = 0;
  const stores = createLazyStores(async () => {
    attempts += 1;
    if (attempts === 1) throw new Error("the file cannot be read");
    return { blobs, uploads: blobs };
  });
  await expect(stores.blobs.stat(digest)).rejects.toThrow("the file cannot be read");
  await Promise.all([stores.blobs.stat(digest), stores.blobs.stat(digest)]);
  expect(attempts).toBe(2);
});
