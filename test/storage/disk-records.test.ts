import { join } from "node:path";
import { describe } from "vitest";
import { DiskRecords } from "../../lib/storage/disk/records.ts";
import { recordsContract } from "../support/contracts/records-contract.ts";
import { newFolder } from "../support/folder.ts";

describe("records on disk", () => {
  recordsContract(async () => {
    const folder = await newFolder();
    const path = join(folder.path, "records");
    let store = await DiskRecords.open(path);
    const reopen = async () => {
      await store.close();
      store = await DiskRecords.open(path);
      return store;
    };
    const close = async () => {
      await store.close();
      await folder.remove();
    };
    return { store, reopen, close };
  });
});
