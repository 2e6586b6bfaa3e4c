import { parseDigest } from "../../oci/digest.ts";
import { PARTITIONS } from "../../ports/record-keys.ts";
import { StorageBusyError } from "../../ports/storage-errors.ts";
import { type AwsPlace, type Store, storesOf, whyUnusable } from "./aws-failure.ts";
import type { Storage } from "./storage-options.ts";

/** A digest that no bytes are known to have, and a record that nobody writes. */
const NO_BLOB = parseDigest(`sha256:${"0".repeat(64)}`);
const NO_RECORD = { partition: PARTITIONS.check, sort: "check" };

/**
 * Reads from both stores something that is not there, which takes no rights but those of a pull.
 * @throws Error that says in one line why a store cannot be used, and what to do about it
 */
export async function checkAws({ blobs, records }: Storage, place: AwsPlace): Promise<void> {
  const { s3, dynamodb } = storesOf(place);
  await check(() => blobs.get(NO_BLOB), s3);
  await check(() => records.get(NO_RECORD), dynamodb);
}

async function check(read: () => Promise<unknown>, store: Store): Promise<void> {
  try {
    await read();
  } catch (error) {
    // It is there, and will have time later.
    if (error instanceof StorageBusyError) return;
    throw new Error(whyUnusable(error, store), { cause: error });
  }
}
