import type { RecordStore } from "../ports/record-store.ts";
import { reportFailure } from "./output/failure.ts";
import { type AccessRecordsOptions, withRecords } from "./storage/access-records.ts";

/** Options of a command that works on the records. */
export interface RunOptions extends AccessRecordsOptions {
  /** Whether to print the result as JSON. */
  readonly json?: true;
}

/** Runs `work` on the records and prints its result. On failure, prints one line and sets the exit code to 1. */
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
