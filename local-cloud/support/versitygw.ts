import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const MODULE = "github.com/versity/versitygw/cmd/versitygw";
const VERSION = "v1.8.0";
const FOLDER = join(import.meta.dirname, "../../.cache/bin", `versitygw-${VERSION}`);

/** Returns the path of the S3-compatible server, and builds it with Go on first use. */
export async function versitygw(): Promise<string> {
  const program = join(FOLDER, "versitygw");
  if (existsSync(program)) return program;
  process.stderr.write(`building ${MODULE}@${VERSION}, on first use only\n`);
  await promisify(execFile)("go", ["install", `${MODULE}@${VERSION}`], {
    env: { ...process.env, GOBIN: FOLDER },
  });
  return program;
}
