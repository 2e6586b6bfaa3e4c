import { describe } from "vitest";
import type { Storage } from "../../lib/cli/storage/storage-options.ts";
import { newPlace, openPlace } from "../../local-cloud/support/aws-place.ts";
import { blobsContract } from "../support/contracts/blobs-contract.ts";
import { recordsContract } from "../support/contracts/records-contract.ts";
import { uploadsContract } from "../support/contracts/uploads-contract.ts";
import type { Opened } from "../support/opened.ts";

/** Size of more than two parts of a multipart upload. */
const LARGE = 17_500_001;

describe("records in DynamoDB", () => recordsContract(() => openStore(({ records }) => records)));

describe("blobs in S3", () => blobsContract(() => openStore(({ blobs }) => blobs), LARGE));

describe("uploads to S3", () => {
  uploadsContract(() => openStore(({ blobs, uploads }) => ({ blobs, uploads })), LARGE);
});

async function openStore<Store>(choose: (storage: Storage) => Store): Promise<Opened<Store>> {
  const location = await newPlace();
  const opened: Storage[] = [];
  const open = () => {
    const storage = openPlace(location);
    opened.push(storage);
    return choose(storage);
  };
  return {
    store: open(),
    reopen: async () => open(),
    close: async () => {
      for (const storage of opened) await storage.close();
    },
  };
}
