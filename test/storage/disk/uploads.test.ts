import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { DiskStorage } from "../../../lib/storage/disk/open.ts";
import { blob, bodyOf, collect } from "../../support/content.ts";
import { openTemporaryDisk, type TemporaryDisk } from "../../support/disk.ts";
import { ociError } from "../../support/errors.ts";

let opened: TemporaryDisk;
let disk: DiskStorage;
beforeEach(async () => {
  opened = await openTemporaryDisk();
  disk = opened.disk;
});
afterEach(() => opened.close());

it("a chunk that is retried with fewer bytes replaces all bytes of the first attempt", async () => {
  const before = await disk.uploads.append(await disk.uploads.begin("id", "sha256"), bodyOf("before, "));
  const longer = await disk.uploads.append(before, bodyOf("a long chunk"));
  const shorter = await disk.uploads.append(before, bodyOf("short"));
  expect((await stat(join(opened.path, "uploads", "id"))).size).toBe(shorter.size);
  const unknown = ociError("BLOB_UPLOAD_UNKNOWN");
  await expect(disk.uploads.append(longer, bodyOf("more"))).rejects.toThrow(unknown);
  const { digest } = blob("before, short");
  await disk.uploads.commit(shorter, digest);
  expect((await collect(await disk.blobs.get(digest))).toString()).toBe("before, short");
});

it("a chunk of a session whose file is missing is rejected, and no file is created", async () => {
  const staged = await disk.uploads.append(await disk.uploads.begin("id", "sha256"), bodyOf("bytes"));
  await rm(join(opened.path, "uploads", "id"));
  const longer = disk.uploads.append(staged, bodyOf("more"));
  await expect(longer).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
  expect(await readdir(join(opened.path, "uploads"))).toEqual([]);
});
