import type { Storage, StorageOptions } from "./storage-options.ts";

/**
 * S3 and DynamoDB when a bucket and a table are named, else the data folder. Each is loaded only when it is needed: the
 * AWS SDK takes longer than all else together, and LMDB takes memory.
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { bucket, table } = options;
  if (bucket === undefined && table === undefined) {
    const { openDisk } = await import("../../storage/disk/open.ts");
    return await openDisk(options.data);
  }
  if (bucket === undefined || table === undefined)
    throw new Error("--bucket and --table belong together: give both");
  const { openAws } = await import("./aws-storage.ts");
  const { checkAws } = await import("./aws-check.ts");
  const storage = openAws(options, bucket, table);
  try {
    await checkAws(storage, { ...options, bucket, table });
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}
