import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { open as openLmdb } from "lmdb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseDigest } from "../../lib/oci/digest.ts";
import { lockFolder } from "../../lib/storage/disk/lock.ts";
import { type DiskStorage, openDisk } from "../../lib/storage/disk/open.ts";
import { DiskRecords } from "../../lib/storage/disk/records.ts";
import { bodyOf, collect, digestOf, noise } from "../support/content.ts";
import { newFolder } from "../support/folder.ts";
import { openDescriptors, openedSince } from "../support/process/open-descriptors.ts";

/** Bytes of more than two chunks. */
const BYTES = noise(1_500_000);
const DIGEST = digestOf(BYTES);
const RANGE = { first: 10, last: 1_400_000 };

let folder: Awaited<ReturnType<typeof newFolder>>;
let before: readonly string[];

beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await folder.remove();
});

async function expectNothingLeft(): Promise<void> {
  expect(openedSince(before, await openDescriptors())).toEqual([]);
}

/** Makes calls on open files fail from the nth on, like a failing disk. */
async function failFrom(nth: number, method: "read" | "stat" | "datasync" | "sync"): Promise<void> {
  await using file = await open(folder.path);
  const prototype = Object.getPrototypeOf(file);
  const works = prototype[method];
  let calls = 0;
  vi.spyOn(prototype, method).mockImplementation(function (this: unknown, ...args: unknown[]) {
    calls += 1;
    if (calls < nth) return works.apply(this, args);
    return Promise.reject(Object.assign(new Error("the disk failed"), { code: "EIO" }));
  });
}

describe("a blob on disk leaves no file open", () => {
  let disk: DiskStorage;

  beforeEach(async () => {
    disk = await openDisk(folder.path);
    await disk.blobs.put(DIGEST, bodyOf(BYTES));
    before = await openDescriptors();
  });
  afterEach(() => disk.close());

  it("when its size cannot be read", async () => {
    await failFrom(1, "stat");
    await expect(disk.blobs.get(DIGEST)).rejects.toThrow("the disk failed");
    await expectNothingLeft();
  });

  it.each([
    { nth: 1, range: undefined },
    { nth: 2, range: undefined },
    { nth: 3, range: undefined },
    { nth: 1, range: RANGE },
    { nth: 3, range: RANGE },
  ])("when read number $nth fails, for the range $range", async ({ nth, range }) => {
    await failFrom(nth, "read");
    const body = await disk.blobs.get(DIGEST, range);
    await expect(collect(body)).rejects.toThrow("the disk failed");
    await expectNothingLeft();
  });

  it("when its path is a folder", async () => {
    await mkdir(join(folder.path, "blobs", "sha256", "0".repeat(64)));
    const body = await disk.blobs.get(parseDigest(`sha256:${"0".repeat(64)}`));
    await expect(collect(body)).rejects.toThrow("EISDIR");
    await expectNothingLeft();
  });

  it("when it is read completely or partially", async () => {
    expect((await collect(await disk.blobs.get(DIGEST))).equals(BYTES)).toBe(true);
    for await (const _ of (await disk.blobs.get(DIGEST)) ?? bodyOf()) break;
    await expectNothingLeft();
  });

  it.each(["datasync", "sync"] as const)("when storing it fails in %s", async (method) => {
    await failFrom(1, method);
    await expect(disk.blobs.put(DIGEST, bodyOf(BYTES))).rejects.toThrow("the disk failed");
    await expectNothingLeft();
  });

  it.each(["stat", "datasync", "sync"] as const)("when a session fails in %s", async (method) => {
    const session = await disk.uploads.append(await disk.uploads.begin("session", "sha256"), bodyOf(BYTES));
    await failFrom(1, method);
    await expect(disk.uploads.commit(session, DIGEST)).rejects.toThrow("the disk failed");
    await expectNothingLeft();
  });
});

describe("a data folder that cannot be opened leaves no file open", () => {
  beforeEach(async () => {
    before = await openDescriptors();
  });

  it("when its lock is held", async () => {
    const unlock = await lockFolder(folder.path);
    before = await openDescriptors();
    await expect(lockFolder(folder.path)).rejects.toThrow("in use");
    await expectNothingLeft();
    await unlock();
  });

  it("when its records were written by another program", async () => {
    const path = join(folder.path, "records");
    const other = openLmdb<string, Buffer>({ path, keyEncoding: "binary" });
    // LMDB stores its named tables as entries of this kind.
    await other.put(Buffer.from("records\0"), "not a table of records");
    await other.close();
    await expect(DiskRecords.open(path)).rejects.toThrow("MDB_INCOMPATIBLE");
    await expectNothingLeft();
  });
});
