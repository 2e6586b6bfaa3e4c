import { describe, expect, it } from "vitest";
import { remove } from "../../lib/ports/record-store.ts";
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

it("records in memory can be deleted even if they are not stored", async () => {
  const key = { partition: "unused", sort: "" };
  const records = new MemoryRecords();
  await records.write([remove(key)]);
  expect(await records.query(key, { limit: 1 })).toEqual([]);
});

/** Wraps an in-memory store, which cannot be reopened. */
function opened<Store>(store: Store): Opened<Store> {
  return { store, reopen: async () => store, close: async () => undefined };
}
