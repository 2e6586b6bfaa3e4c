import type { RecordStore } from "../ports/record-store.ts";
import { reportFailure } from "./output/failure.ts";
import { type AccessRecordsOptions, withRecords } from "./storage/access-records.ts";

export interface RunOptions extends AccessRecordsOptions {
  /** Prints the result as JSON instead of formatting it. */
  readonly json?: true;
}

/** Runs work on the records, and prints its result, or its failure in one line. */
export async function runOnRecords<T>(
  options: RunOptions,
  work: (records: RecordStore) => Promise<T>,
  format: (result: T) => string,
): Promise<void> {
  await reportFailure(async () => {
    const result = await withRecords(options, work);
    process.stdout.write(options.json ? `${JSON.stringify(result ?? {}, undefined, 2)}\n` : format(result));
  });
}
