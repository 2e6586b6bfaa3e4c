import { describe } from "vitest";
import { MemoryBlobs } from "../../lib/storage/memory/blobs.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";
import { blobsContract } from "../support/contracts/blobs-contract.ts";
import { recordsContract } from "../support/contracts/records-contract.ts";
import { uploadsContract } from "../support/contracts/uploads-contract.ts";
import type { Opened } from "../support/opened.ts";

describe("records in memory", () => recordsContract(async () => opened(new MemoryRecords())));

describe("blobs in memory", () => blobsContract(async () => opened(new MemoryBlobs())));

describe("uploads in memory", () => {
  uploadsContract(async () => {
    const blobs = new MemoryBlobs();
    return opened({ blobs, uploads: blobs });
  });
});

/** Wraps an in-memory store, which cannot be reopened. */
function opened<Store>(store: Store): Opened<Store> {
  return { store, reopen: async () => store, close: async () => undefined };
}
