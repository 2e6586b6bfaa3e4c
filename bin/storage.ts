import { openDisk } from "../lib/storage/disk/open.ts";
import { checkAws } from "./aws-check.ts";
import type { Storage, StorageOptions } from "./storage-options.ts";

/** S3 and DynamoDB when a bucket and a table are named, else the data folder. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { bucket, table } = options;
  if (bucket === undefined && table === undefined) return await openDisk(options.data);
  if (bucket === undefined || table === undefined)
    throw new Error("--bucket and --table belong together: give both");
  // The AWS SDK takes longer to load than all else together, so it is loaded only when it is needed.
  const { openAws } = await import("./aws-storage.ts");
  const storage = openAws(options, bucket, table);
  try {
    await checkAws(storage, { ...options, bucket, table });
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}
