import { parseDigest } from "../../oci/digest.ts";
import { PARTITIONS } from "../../ports/record-keys.ts";
import { StorageBusyError } from "../../ports/storage-errors.ts";
import { type AwsLocation, describeStores, formatStoreError, type StoreDescription } from "./aws-error.ts";
import type { Storage } from "./storage-options.ts";

/** Digest of a blob that does not exist. */
const UNKNOWN_DIGEST = parseDigest(`sha256:${"0".repeat(64)}`);
/** Key of a record that does not exist. */
const UNKNOWN_KEY = { partition: PARTITIONS.check, sort: "check" };

/**
 * Checks that both stores are accessible, by reads of content that does not exist: they require no more permissions than
 * a pull.
 * @throws Error with a one-line message that contains the cause and its fix
 */
export async function checkAwsStorage({ blobs, records }: Storage, place: AwsLocation): Promise<void> {
  const { s3, dynamodb } = describeStores(place);
  await check(() => blobs.get(UNKNOWN_DIGEST), s3);
  await check(() => records.get(UNKNOWN_KEY), dynamodb);
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
