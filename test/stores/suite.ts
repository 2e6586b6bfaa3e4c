import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { withCleanup } from "../soak/cleanup.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Another suite of this project. */
export interface Suite {
  /** File for its output. */
  readonly log: string;
  readonly command: readonly string[];
}

/**
 * Runs another suite of this project.
 * @returns its counts, as printed
 * @throws Error with the lines that report failures
 */
export async function runSuite({ log, command }: Suite): Promise<string> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"], env: environment() });
  const output = createWriteStream(log);
  child.stdout.pipe(output, { end: false });
  child.stderr.pipe(output, { end: false });
  const ended = once(child, "close");
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill();
    await ended;
  };
  const [code] = await withCleanup(stop, () => ended);
  output.end();
  await once(output, "close");
  const text = await readFile(log, "utf8");
  if (code === 0) return countsOf(text);
  throw new Error(`${countsOf(text)}; more in ${log}${failuresOf(text)}`);
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" };
}

/** Returns the last line of the form "N passed, N failed", or Vitest's summary. */
function countsOf(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  const last = lines.findLast((line) => /^(\d+ passed, \d+ failed|Tests +\d+ )/.test(line));
  return last?.replace(/^Tests +/, "") ?? "no counts";
}

function failuresOf(text: string): string {
  const lines = text.split("\n").filter((line) => /^ *(FAIL |FAILED|\S+: FAILED)/.test(line));
  return lines
    .slice(0, 20)
    .map((line) => `\n         - ${line.trim()}`)
    .join("");
}
