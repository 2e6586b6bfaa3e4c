import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { BLOBS_PREFIX } from "../../../ports/object-names.ts";
import { RECORDS_FOLDER } from "../modes.ts";
import { DAMAGED_EXIT_CODE } from "./exit-code.ts";

const PROGRAM = join(import.meta.dirname, "verify-process.ts");

/** Signals that reading a damaged file can raise. Any other signal was sent by another process. */
const FAULTS: ReadonlySet<string> = new Set(["SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE", "SIGTRAP"]);

/** The records of a data folder cannot be read. */
export class RecordsDamagedError extends Error {
  constructor(folder: string, reason: string) {
    const records = resolve(folder, RECORDS_FOLDER);
    super(
      `the records in ${records} are damaged (${reason}): restore ${records} from a backup; the blobs are in ${resolve(folder, BLOBS_PREFIX)}`,
    );
    this.name = "RecordsDamagedError";
  }
}

/**
 * Reads all records in another process, since reading a damaged file with LMDB can crash the process with a signal.
 * @throws RecordsDamagedError
 */
export async function verifyRecords(folder: string): Promise<void> {
  const args = [PROGRAM, join(folder, RECORDS_FOLDER)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const [output, [code, signal]] = await Promise.all([text(child.stderr), once(child, "close")]);
  if (FAULTS.has(signal))
    throw new RecordsDamagedError(folder, `the reading process was terminated by ${signal}`);
  if (signal !== null) throw new Error(`the records check was terminated by ${signal}: start again`);
  // LMDB prints lines of its own before.
  const reason = output.trimEnd().split("\n").at(-1) ?? "";
  if (code === DAMAGED_EXIT_CODE) throw new RecordsDamagedError(folder, reason);
}
