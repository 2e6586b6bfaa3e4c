import { readFileSync } from "node:fs";
import { MalformedError } from "../malformed-error.ts";
import { type AccessFile, type DeclaredRules, parseAccessFile } from "./access-file.ts";

/** Reasons by the code of Node's error. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a folder",
};

/** A file that cannot be read, or whose content is malformed. */
export class InvalidFileError extends MalformedError {}

/**
 * Reads and parses an access file.
 * @param declared issuers and rules that the file may refer to besides its own
 * @throws InvalidFileError whose message begins with the path and the location: `access.json: grants[3].pattern: ...`
 */
export function readAccessFile(path: string, declared?: DeclaredRules): AccessFile {
  const value = readJson(path);
  try {
    return parseAccessFile(value, declared);
  } catch (error) {
    throw error instanceof MalformedError
      ? new InvalidFileError(`${path}: ${error.message}`, { cause: error })
      : error;
  }
}

/**
 * Reads a file and parses it as JSON.
 * @throws InvalidFileError that names the file, when it cannot be read or is not JSON
 */
export function readJson(path: string): unknown {
  return parseJson(path, readText(path));
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? REASONS[String(error.code)] : undefined;
    throw new InvalidFileError(`cannot read ${path}${reason === undefined ? "" : `: ${reason}`}`, {
      cause: error,
    });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidFileError(`${path} is not valid JSON: ${reason}`, { cause: error });
  }
}
