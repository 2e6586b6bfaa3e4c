import { parseDigest } from "../../oci/digest.ts";
import { StorageBusyError } from "../../ports/storage-errors.ts";
import { FORMAT_KEY } from "../../ports/storage-format.ts";
import { type AwsLocation, describeStores, formatStoreError, type StoreDescription } from "./aws-error.ts";
import type { Storage } from "./storage-options.ts";

/** Digest of a blob that does not exist. */
const UNKNOWN_DIGEST = parseDigest(`sha256:${"0".repeat(64)}`);

/**
 * Checks that both stores are accessible by reading a nonexistent blob and the storage format record, which requires no more
 * permissions than a pull.
 * @throws Error with a one-line message that contains the cause and its fix
 */
export async function checkAwsStorage({ blobs, records }: Storage, place: AwsLocation): Promise<void> {
  const { s3, dynamodb } = describeStores(place);
  await check(() => blobs.get(UNKNOWN_DIGEST), s3);
  await check(() => records.get(FORMAT_KEY), dynamodb);
}

async function check(read: () => Promise<unknown>, store: StoreDescription): Promise<void> {
  try {
    await read();
  } catch (error) {
    // A throttled store is accessible.
    if (error instanceof StorageBusyError) return;
    throw new Error(formatStoreError(error, store), { cause: error });
  }
}
