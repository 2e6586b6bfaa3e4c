import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Digest } from "../../lib/oci/digest.ts";
import type { DiskStorage } from "../../lib/storage/disk/open.ts";
import { blob, bodyOf, collect, digestOf, noise } from "../support/content.ts";
import { openTemporaryDisk, type TemporaryDisk } from "../support/disk.ts";
import { failingDatasync, shortWrites, withFileFault } from "../support/faults/file-faults.ts";

let opened: TemporaryDisk;
let disk: DiskStorage;

beforeEach(async () => {
  opened = await openTemporaryDisk();
  disk = opened.disk;
});
afterEach(() => opened.close());

async function putWhole(digest: Digest, bytes: Uint8Array): Promise<void> {
  await disk.blobs.put(digest, bodyOf(bytes));
}

async function uploadInChunks(digest: Digest, bytes: Uint8Array): Promise<void> {
  let staged = await disk.uploads.begin("session", "sha256");
  for (const chunk of [bytes.subarray(0, 5), bytes.subarray(5)]) {
    staged = await disk.uploads.append(staged, bodyOf(chunk));
  }
  await disk.uploads.commit(staged, digest);
}

describe.each([
  ["arrives whole", putWhole],
  ["arrives in chunks", uploadInChunks],
])("a blob that %s on a faulty disk", (_, store) => {
  it("is stored unchanged after a short write", async () => {
    const bytes = noise(500_000);
    await withFileFault(shortWrites(100_003), () => store(digestOf(bytes), bytes));
    const stored = await collect(await disk.blobs.get(digestOf(bytes)));
    expect([stored.length, digestOf(stored)]).toEqual([bytes.length, digestOf(bytes)]);
  });

  it("is rejected and not published when its bytes cannot be flushed", async () => {
    const { digest, bytes } = blob("never durable");
    await expect(withFileFault(failingDatasync, () => store(digest, bytes))).rejects.toThrow("EIO");
    expect(await disk.blobs.stat(digest)).toBeUndefined();
  });
});
