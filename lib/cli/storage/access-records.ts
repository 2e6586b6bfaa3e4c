import type { RecordStore } from "../../ports/record-store.ts";
import { openDiskRecords } from "../../storage/disk/open.ts";
import { printWarning } from "../output/warning.ts";

/** Location of the records: a table if set, otherwise a data folder. */
export interface AccessRecordsOptions {
  readonly data: string;
  readonly table?: string;
  readonly region?: string;
  readonly endpointDynamodb?: string;
}

/**
 * Runs `work` on the records in the table, with the caller's AWS credentials, or in the data folder, even while a server is
 * using it.
 */
export async function withRecords<T>(
  options: AccessRecordsOptions,
  work: (records: RecordStore) => Promise<T>,
): Promise<T> {
  const { records, close } = await openRecords(options);
  try {
    return await work(records);
  } catch (error) {
    throw options.table === undefined
      ? error
      : await explainFailure(error, { ...options, table: options.table });
  } finally {
    await close();
  }
}

async function openRecords({ data, table, ...aws }: AccessRecordsOptions) {
  if (table === undefined) return await openDiskRecords(data, printWarning);
  const { DynamoRecords } = await import("../../storage/dynamodb/records.ts");
  const { FormatCheckingRecordStore } = await import("../../storage/format-checking-record-store.ts");
  const { dynamoClient } = await import("./aws-storage.ts");
  const client = dynamoClient(aws);
  const records = new FormatCheckingRecordStore(new DynamoRecords({ client, table }));
  return { records, close: async () => client.destroy() };
}

/** Replaces a store error with an error whose message includes the fix. Returns all other errors unchanged. */
async function explainFailure(
  error: unknown,
  place: AccessRecordsOptions & { readonly table: string },
): Promise<unknown> {
  const { isStoreError, describeStores, formatStoreError } = await import("./aws-error.ts");
  if (!isStoreError(error)) return error;
  return new Error(formatStoreError(error, describeStores({ bucket: "NAME", ...place }).dynamodb), {
    cause: error,
  });
}
