import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { put, remove } from "../../lib/ports/record-store.ts";
import { FORMAT_KEY, STORAGE_FORMAT, StorageFormatError } from "../../lib/ports/storage-format.ts";
import { DataFolderInUseError } from "../../lib/storage/disk/lock.ts";
import { type DiskStorage, openDisk, openDiskRecords } from "../../lib/storage/disk/open.ts";
import { blob, bodyOf } from "../support/content.ts";
import { interruptedBody } from "../support/contracts/blobs-contract.ts";
import { ociError } from "../support/errors.ts";
import { newFolder } from "../support/folder.ts";

const DAY = 24 * 3600;

describe("a data folder", () => {
  let folder: Awaited<ReturnType<typeof newFolder>>;
  let path: string;
  let disk: DiskStorage;

  beforeEach(async () => {
    folder = await newFolder();
    path = join(folder.path, "not", "there", "yet");
    disk = await openDisk(path);
  });
  afterEach(async () => {
    await disk.close();
    await folder.remove();
  });

  const staged = () => readdir(join(path, "uploads"));

  async function restart(): Promise<void> {
    await disk.close();
    disk = await openDisk(path);
  }

  it("is locked by one process at a time", async () => {
    await expect(openDisk(path)).rejects.toThrow(DataFolderInUseError);
    await restart();
    await expect(openDisk(path)).rejects.toThrow(path);
  });

  it.each([openDisk, openDiskRecords])("has the storage format from its creation: %o", async (open) => {
    expect(await disk.records.get(FORMAT_KEY)).toEqual({ format: STORAGE_FORMAT });
    await disk.records.write([put(FORMAT_KEY, { format: STORAGE_FORMAT + 1 })]);
    await disk.close();
    await expect(open(path)).rejects.toThrow(StorageFormatError);
  });

  it.each([openDisk, openDiskRecords])(
    "is rejected if it has records but no storage format: %o",
    async (open) => {
      await disk.records.write([put({ partition: "repo#a", sort: "upload#1" }, {}), remove(FORMAT_KEY)]);
      await disk.close();
      await expect(open(path)).rejects.toThrow("stored data has no format record");
    },
  );

  it("stores a blob as a file named by its digest, readable by its owner only", async () => {
    const { digest } = blob("a file");
    await disk.blobs.put(digest, bodyOf("a ", "file"));
    const file = join(path, "blobs", "sha256", digest.slice("sha256:".length));
    expect(await readFile(file, "utf8")).toBe("a file");
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect((await stat(join(path, "blobs"))).mode & 0o077).toBe(0);
  });

  it("contains no temporary file after a blob was stored, rejected or interrupted", async () => {
    const { digest, bytes } = blob("kept");
    await disk.blobs.put(digest, bodyOf(bytes));
    await expect(disk.blobs.put(digest, bodyOf("wrong"))).rejects.toThrow(ociError("DIGEST_INVALID"));
    await expect(disk.blobs.put(digest, interruptedBody(bytes))).rejects.toThrow("the client has gone");
    expect(await staged()).toEqual([]);
  });

  it("contains no file of a committed or discarded session", async () => {
    const { digest, bytes } = blob("session");
    const first = await disk.uploads.append(await disk.uploads.begin("first", "sha256"), bodyOf(bytes));
    const second = await disk.uploads.append(await disk.uploads.begin("second", "sha256"), bodyOf(bytes));
    expect(await staged()).toHaveLength(2);
    await disk.uploads.commit(first, digest);
    await disk.uploads.discard(second);
    expect(await staged()).toEqual([]);
  });

  it("deletes files of unfinished requests at startup, but no upload session", async () => {
    const session = await disk.uploads.append(await disk.uploads.begin("session", "sha256"), bodyOf("bytes"));
    const broken = Promise.withResolvers<never>();
    const unfinished = disk.blobs.put(blob("x").digest, breakingOffAfter(broken.promise));
    await waitFor(async () => (await staged()).length === 2);
    await restart();
    expect(await staged()).toEqual(["session"]);
    await disk.uploads.commit(session, blob("bytes").digest);
    expect(await disk.blobs.stat(blob("bytes").digest)).toEqual({ size: 5 });
    broken.reject(new Error("the client has gone"));
    await expect(unfinished).rejects.toThrow("the client has gone");
  });

  it("deletes staged files that have not been written to for the lifetime of a session", async () => {
    await disk.uploads.append(await disk.uploads.begin("old", "sha256"), bodyOf("bytes"));
    await disk.uploads.append(await disk.uploads.begin("new", "sha256"), bodyOf("bytes"));
    const now = new Date();
    const before = now.getTime() / 1000 - DAY - 1;
    await utimes(join(path, "uploads", "old"), before, before);
    await disk.sweep(now, DAY);
    expect(await staged()).toEqual(["new"]);
  });

  it("does not commit a session whose staged bytes were deleted", async () => {
    const { digest, bytes } = blob("freed");
    const session = await disk.uploads.append(await disk.uploads.begin("old", "sha256"), bodyOf(bytes));
    await utimes(join(path, "uploads", "old"), 1, 1);
    await disk.sweep(new Date(), DAY);
    await expect(disk.uploads.commit(session, digest)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
    expect(await disk.blobs.stat(digest)).toBeUndefined();
  });

  it("does not commit a discarded session, even when its blob is stored", async () => {
    const { digest, bytes } = blob("stored and discarded");
    await disk.blobs.put(digest, bodyOf(bytes));
    const session = await disk.uploads.append(await disk.uploads.begin("lost", "sha256"), bodyOf(bytes));
    await disk.uploads.discard(session);
    await expect(disk.uploads.commit(session, digest)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
  });

  it("stores no bytes of an interrupted chunk", async () => {
    const session = await disk.uploads.append(await disk.uploads.begin("short", "sha256"), bodyOf("bytes"));
    const broken = disk.uploads.append(session, interruptedBody(Buffer.alloc(3_000_000)));
    await expect(broken).rejects.toThrow("the client has gone");
    expect(await readFile(join(path, "uploads", "short"), "utf8")).toBe("bytes");
  });

  it("does not commit a session whose file was truncated", async () => {
    const { digest, bytes } = blob("cut short");
    const session = await disk.uploads.append(await disk.uploads.begin("cut", "sha256"), bodyOf(bytes));
    await writeFile(join(path, "uploads", "cut"), "cut");
    await expect(disk.uploads.commit(session, digest)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
    expect(await disk.blobs.stat(digest)).toBeUndefined();
  });

  it("rejects a chunk of a session whose file was truncated, instead of filling the gap with zeros", async () => {
    const session = await disk.uploads.append(await disk.uploads.begin("cut", "sha256"), bodyOf("bytes, "));
    await writeFile(join(path, "uploads", "cut"), "cut");
    const longer = disk.uploads.append(session, bodyOf("more bytes"));
    await expect(longer).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
    expect(await readFile(join(path, "uploads", "cut"), "utf8")).toBe("cut");
  });

  it("deletes only expired records", async () => {
    const now = new Date("2026-01-01T00:00:00Z");
    const seconds = now.getTime() / 1000;
    const key = (sort: string) => ({ partition: "p", sort });
    await disk.records.write([
      put(key("past"), { expiresAt: seconds - 1 }),
      put(key("now"), { expiresAt: seconds }),
      put(key("future"), { expiresAt: seconds + 1 }),
      put(key("never"), { n: 1 }),
      put(key("prolonged"), { expiresAt: seconds - 1 }),
      put(key("text"), { expiresAt: "2025" }),
    ]);
    await disk.records.write([put(key("prolonged"), { expiresAt: seconds + 9 })]);
    await disk.sweep(now, DAY);
    const left = await disk.records.query<object>(key(""), { limit: 99 });
    expect(left.map((entry) => entry.key.sort)).toEqual(["future", "never", "prolonged", "text"]);
  });
});

async function* breakingOffAfter(broken: Promise<never>): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(3_000_000);
  await broken;
}

async function waitFor(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
