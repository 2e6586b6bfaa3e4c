import { describe } from "vitest";
import { openDisk } from "../../lib/storage/disk/open.ts";
import { newFolder } from "../support/folder.ts";
import { interleavingsContract } from "../support/interleaving/contract.ts";

describe("concurrent clients of a registry on disk that are killed at any point", () => {
  interleavingsContract(async () => {
    const folder = await newFolder();
    const store = await openDisk(folder.path);
    const close = async () => {
      await store.close();
      await folder.remove();
    };
    return { store, reopen: async () => store, close };
  }, 10);
});
