import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreparedAnswer } from "./bare.ts";
import { MANIFEST_TYPE, READ_CASES } from "./images.ts";
import type { Program } from "./server-process.ts";

const PIECE = 1 << 20;
/** The size in which node:http hands out a body. */
const CHUNK = 64 << 10;
/** These belong to the connection, and node:http writes them itself. */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "date", "transfer-encoding"]);

/** The bare server, prepared to answer just as the given registry answers now. */
export async function bareProgram(home: string, port: number, like: string, blob: string): Promise<Program> {
  const answers = join(home, "answers.json");
  await writeFile(answers, JSON.stringify(await recordAnswers(like)));
  const script = join(import.meta.dirname, "bare.ts");
  return {
    file: process.execPath,
    args: [script, "--port", String(port), "--answers", answers, "--blob", blob],
  };
}

async function recordAnswers(url: string): Promise<Record<string, PreparedAnswer>> {
  const answers: Record<string, PreparedAnswer> = {};
  for (const { method, targets } of READ_CASES) {
    for (const { path } of targets) {
      const response = await fetch(`${url}${path}`, { method, headers: { accept: MANIFEST_TYPE } });
      const body = Buffer.from(await response.arrayBuffer()).toString("base64");
      const headers = [...response.headers].filter(([name]) => !CONNECTION_HEADERS.has(name));
      answers[`${method} ${path}`] = { headers: Object.fromEntries(headers), body };
    }
  }
  return answers;
}

/** Seconds that node:crypto takes for so many bytes. */
export function hashSeconds(size: number): number {
  const piece = randomBytes(PIECE);
  const hash = createHash("sha256");
  return seconds(() => {
    for (let done = 0; done < size; done += CHUNK) {
      const start = done % PIECE;
      hash.update(piece.subarray(start, start + CHUNK));
    }
    hash.digest();
  });
}

/** Seconds to write so many bytes that do not compress, until the disk has them. */
export function writeSeconds(file: string, size: number): number {
  const piece = randomBytes(PIECE);
  const descriptor = openSync(file, "w");
  const taken = seconds(() => {
    for (let done = 0; done < size; done += PIECE) writeSync(descriptor, piece);
    fsyncSync(descriptor);
  });
  closeSync(descriptor);
  return taken;
}

/** Seconds to read the file from end to end: just written, and so in the page cache, as a layer just pushed is. */
export function readSeconds(file: string): number {
  const piece = Buffer.alloc(PIECE);
  const descriptor = openSync(file, "r");
  const taken = seconds(() => {
    while (readSync(descriptor, piece) > 0);
  });
  closeSync(descriptor);
  return taken;
}

function seconds(work: () => void): number {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}
