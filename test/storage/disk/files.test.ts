import { open, readFile, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StorageFullError } from "../../../lib/ports/storage-errors.ts";
import {
  translateDiskErrors,
  undefinedIfMissing,
  withExistingFile,
} from "../../../lib/storage/disk/files.ts";
import { type DiskStorage, openDisk } from "../../../lib/storage/disk/open.ts";
import { blob, bodyOf } from "../../support/content.ts";
import { withFileFault } from "../../support/faults/file-faults.ts";
import { useFolder } from "../../support/use-folder.ts";

const coded = (code: string | number) => Object.assign(new Error(`failed: ${code}`), { code });

const folder = useFolder();

describe("a failed file operation", () => {
  it.each(["ENOSPC", "EDQUOT", "EFBIG", constants.errno.ENOSPC, constants.errno.EDQUOT])(
    "is reported as full storage after %s",
    async (code) => {
      const error = coded(code);
      const translated = await translateDiskErrors(Promise.reject(error)).catch((reason: unknown) => reason);
      expect(translated).toBeInstanceOf(StorageFullError);
      expect(translated).toMatchObject({ cause: error });
    },
  );

  it.each([coded("EIO"), coded("ENOENT"), new Error("ENOSPC"), "ENOSPC", undefined])(
    "rethrows any other error unchanged (%#)",
    async (error) => {
      await expect(translateDiskErrors(Promise.reject(error))).rejects.toBe(error);
    },
  );

  it("counts as an absent file only after ENOENT", async () => {
    expect(await undefinedIfMissing(open(join(folder.path, "missing")))).toBeUndefined();
    await expect(undefinedIfMissing(Promise.reject(coded("EACCES")))).rejects.toThrow("EACCES");
  });
});

it("an existing file is opened with its content unchanged, and a missing file is not created", async () => {
  const path = join(folder.path, "file");
  await expect(withExistingFile(path, async () => undefined)).rejects.toMatchObject({ code: "ENOENT" });
  await writeFile(path, "bytes");
  await withExistingFile(path, async (file) => void (await file.write("B", 0)));
  expect(await readFile(path, "utf8")).toBe("Bytes");
});

describe("a full disk", () => {
  let disk: DiskStorage;
  beforeEach(async () => {
    disk = await openDisk(folder.path);
  });
  afterEach(() => disk.close());

  const { bytes, digest } = blob("too much");

  it.each<[string, () => Promise<unknown>]>([
    ["a blob", () => disk.blobs.put(digest, bodyOf(bytes))],
    ["a chunk", async () => disk.uploads.append(await disk.uploads.begin("id", "sha256"), bodyOf(bytes))],
  ])("rejects %s with StorageFullError", async (_, store) => {
    const fault = () => ({ writev: () => Promise.reject(coded("ENOSPC")) });
    await expect(withFileFault(fault, store)).rejects.toBeInstanceOf(StorageFullError);
    expect(await disk.blobs.stat(digest)).toBeUndefined();
  });

  it("rejects a blob with StorageFullError when its folder has no space for the entry", async () => {
    const fault = () => ({ sync: () => Promise.reject(coded("ENOSPC")) });
    const put = () => disk.blobs.put(digest, bodyOf(bytes));
    await expect(withFileFault(fault, put)).rejects.toBeInstanceOf(StorageFullError);
  });

  it("rejects a commit with StorageFullError", async () => {
    const staged = await disk.uploads.append(await disk.uploads.begin("id", "sha256"), bodyOf(bytes));
    const fault = () => ({ datasync: () => Promise.reject(coded("EDQUOT")) });
    const commit = () => disk.uploads.commit(staged, digest);
    await expect(withFileFault(fault, commit)).rejects.toBeInstanceOf(StorageFullError);
    await commit();
    expect(await disk.blobs.stat(digest)).toEqual({ size: bytes.length });
  });
});
