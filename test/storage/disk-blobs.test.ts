import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe } from "vitest";
import { DiskBlobs } from "../../lib/storage/disk/blobs.ts";
import { DiskUploads } from "../../lib/storage/disk/uploads.ts";
import { blobsContract } from "../support/contracts/blobs-contract.ts";
import type { UploadStores } from "../support/contracts/uploads/uploads-context.ts";
import { uploadsContract } from "../support/contracts/uploads-contract.ts";
import { newFolder } from "../support/folder.ts";
import type { Opened } from "../support/opened.ts";

describe("blobs on disk", () => {
  blobsContract(() => openFolder((root) => new DiskBlobs(root)));
});

describe("uploads on disk", () => {
  uploadsContract(() =>
    openFolder((root): UploadStores => ({ blobs: new DiskBlobs(root), uploads: new DiskUploads(root) })),
  );
});

async function openFolder<Store>(openStore: (root: string) => Store): Promise<Opened<Store>> {
  const { path, remove } = await newFolder();
  for (const folder of ["blobs/sha256", "blobs/sha512", "uploads"]) {
    await mkdir(join(path, folder), { recursive: true });
  }
  return { store: openStore(path), reopen: async () => openStore(path), close: remove };
}
