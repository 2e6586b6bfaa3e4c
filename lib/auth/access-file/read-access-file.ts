import { readFileSync } from "node:fs";
import { MalformedError } from "../malformed-error.ts";
import { type AccessFile, parseAccessFile } from "./access-file.ts";

/** @throws MalformedError that names the file, and the place in it that is wrong: `access.json: grants[3].pattern: ...` */
export function readAccessFile(path: string): AccessFile {
  const value = jsonOf(path, textOf(path));
  try {
    return parseAccessFile(value);
  } catch (error) {
    throw error instanceof MalformedError
      ? new MalformedError(`${path}: ${error.message}`, { cause: error })
      : error;
  }
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
