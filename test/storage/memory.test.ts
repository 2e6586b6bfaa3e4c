import { describe } from "vitest";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";
import { recordsContract } from "../support/records-contract.ts";

describe("records in memory", () => {
  recordsContract(async () => {
    const store = new MemoryRecords();
    return { store, reopen: async () => store, close: async () => undefined };
  });
});
