import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openDisk } from "../../../lib/storage/disk/open.ts";
import { UploadHashes } from "../../../lib/storage/disk/upload-hashes.ts";
import { ociError } from "../../support/errors.ts";
import { useFolder } from "../../support/use-folder.ts";

const BYTES = Buffer.alloc(3 * 1024 * 1024 + 1, "bytes");
const MAX_KEPT = 1000;

const folder = useFolder();
let path: string;
beforeEach(() => {
  path = join(folder.path, "staged");
});

const staged = (id: string, size: number, algorithm: "sha256" | "sha512" = "sha256") => ({
  id,
  size,
  algorithm,
});
const digest = (bytes: Uint8Array, algorithm = "sha256") => createHash(algorithm).update(bytes).digest("hex");

describe("the hash of an upload", () => {
  it.each([0, 1, 1024 * 1024, BYTES.length - 1, BYTES.length])(
    "is computed from %d bytes of the file",
    async (size) => {
      await writeFile(path, BYTES);
      const hash = await new UploadHashes().get(staged("a", size), path);
      expect(hash.copy().digest("hex")).toBe(digest(BYTES.subarray(0, size)));
    },
  );

  it("is undefined when the file is missing or too short", async () => {
    const unknown = ociError("BLOB_UPLOAD_UNKNOWN");
    await expect(new UploadHashes().get(staged("a", 1), path)).rejects.toThrow(unknown);
    await writeFile(path, BYTES);
    await expect(new UploadHashes().get(staged("a", BYTES.length + 1), path)).rejects.toThrow(unknown);
  });

  it("is cached by session, size and algorithm until it is forgotten", async () => {
    const hashes = new UploadHashes();
    hashes.set(staged("a", 1), createHash("sha256"));
    await hashes.get(staged("a", 1), path);
    for (const other of [staged("b", 1), staged("a", 2), staged("a", 1, "sha512")]) {
      await expect(hashes.get(other, path)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
    }
    hashes.delete("a");
    await expect(hashes.get(staged("a", 1), path)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
  });

  it("is cached for the thousand most recently written sessions", async () => {
    const hashes = new UploadHashes();
    for (let n = 0; n < MAX_KEPT; n++) hashes.set(staged(`${n}`, 1), createHash("sha256"));
    hashes.set(staged("0", 1), createHash("sha256"));
    hashes.set(staged("new", 1), createHash("sha256"));
    for (const id of ["0", "2", "new"]) await hashes.get(staged(id, 1), path);
    await expect(hashes.get(staged("1", 1), path)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
  });
});

it("a data folder is rejected where the kernel permits no file creation", async () => {
  await expect(openDisk("/proc/dockless/data")).rejects.toMatchObject({ code: "ENOENT" });
});
