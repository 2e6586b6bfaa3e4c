import { describe } from "vitest";
import { MemoryBlobs } from "../../lib/storage/memory/blobs.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";
import { interleavingsContract } from "../support/interleaving/contract.ts";
import { enforceLimits } from "../support/strict-records.ts";

describe("clients that push, mount, tag and delete concurrently and are killed at any point", () => {
  interleavingsContract(async () => {
    const blobs = new MemoryBlobs();
    const store = { records: enforceLimits(new MemoryRecords()), blobs, uploads: blobs };
    return { store, reopen: async () => store, close: async () => undefined };
  }, 600);
});
