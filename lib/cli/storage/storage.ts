import { UsageError } from "../output/failure.ts";
import { printWarning } from "../output/warning.ts";
import type { Storage, StorageOptions } from "./storage-options.ts";

/**
 * Opens S3 and DynamoDB if bucket and table are set, otherwise the data folder. Each adapter is imported on demand: the
 * AWS SDK dominates the start-up time, and LMDB uses memory.
 * @throws Error with a one-line message if the options are incomplete or a store is not accessible
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { bucket, table } = options;
  if (bucket === undefined && table === undefined) {
    const { openDisk } = await import("../../storage/disk/open.ts");
    return await openDisk(options.data, printWarning);
  }
  if (bucket === undefined || table === undefined)
    throw new UsageError("--bucket and --table must be set together");
  const { openAwsStorage } = await import("./aws-storage.ts");
  const { checkAwsStorage } = await import("./aws-check.ts");
  const storage = openAwsStorage(options, bucket, table);
  try {
    await checkAwsStorage(storage, { ...options, bucket, table });
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}
