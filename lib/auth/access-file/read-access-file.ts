import { readFileSync } from "node:fs";
import { MalformedError } from "../malformed-error.ts";
import { type AccessFile, parseAccessFile } from "./access-file.ts";

/**
 * Reads and parses an access file.
 * @throws MalformedError whose message begins with the path and the location: `access.json: grants[3].pattern: ...`
 */
export function readAccessFile(path: string): AccessFile {
  const value = parseJson(path, readText(path));
  try {
    return parseAccessFile(value);
  } catch (error) {
    throw error instanceof MalformedError
      ? new MalformedError(`${path}: ${error.message}`, { cause: error })
      : error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new MalformedError(`cannot read ${path}`, { cause: error });
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MalformedError(`${path} is not valid JSON: ${reason}`, { cause: error });
  }
}
