import { DiskRecords, RecordsInconsistentError } from "../records.ts";
import { DAMAGED_EXIT_CODE } from "./exit-code.ts";

// Reads all records in the folder given as the argument. verify-records.ts runs this in a separate process.

const [, , path = ""] = process.argv;
try {
  const records = await DiskRecords.open(path);
  records.verify();
  await records.close();
} catch (error) {
  process.stderr.write(describe(error));
  process.exitCode = isSystemError(error) ? 1 : DAMAGED_EXIT_CODE;
}

/** Describes the damage. Decoder errors are not printed: they contain bytes of records, which may be secret. */
function describe(error: unknown): string {
  const isPrintable = error instanceof RecordsInconsistentError || codeOf(error) !== undefined;
  return isPrintable && error instanceof Error ? error.message : "a record cannot be decoded";
}

/** Returns whether an error comes from the operating system, for example missing permissions. LMDB's own codes are negative. */
function isSystemError(error: unknown): boolean {
  return Number(codeOf(error)) > 0;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
