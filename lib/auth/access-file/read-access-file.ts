import { readFileSync } from "node:fs";
import { MalformedError } from "../malformed-error.ts";
import { type AccessFile, parseAccessFile } from "./access-file.ts";

/** @throws MalformedError that names the file, and the place in it that is wrong: `access.json: grants[3].pattern: ...` */
export function readAccessFile(path: string): AccessFile {
  const value = readJson(path);
  try {
    return parseAccessFile(value);
  } catch (error) {
    throw error instanceof MalformedError
      ? new MalformedError(`${path}: ${error.message}`, { cause: error })
      : error;
  }
}

/** @throws RangeError that names the file when it cannot be read, or is not JSON */
export function readJson(path: string): unknown {
  return jsonOf(path, textOf(path));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new MalformedError(`cannot read ${path}`, { cause: error });
  }
}

function jsonOf(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MalformedError(`${path} is no JSON: ${why}`, { cause: error });
  }
}
