import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreparedAnswer } from "./bare.ts";
import { run } from "./command.ts";
import { MANIFEST_TYPE, READ_CASES } from "./images.ts";
import type { Contender } from "./servers.ts";

const PIECE = 1 << 20;
/** The size in which node:http hands out a body. */
const CHUNK = 64 << 10;
/** These belong to the connection, and node:http writes them itself. */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "date", "transfer-encoding"]);

export const BARE = "bare node:http";

/** node:http with as little as can be around it, prepared with what to answer to reads and what to send as a blob. */
export function bareServer(answers: Readonly<Record<string, PreparedAnswer>>, blob: string): Contender {
  const script = join(import.meta.dirname, "bare.ts");
  return {
    name: "bare",
    title: BARE,
    keepsBytes: false,
    install: async () => {},
    program: async (home, port) => {
      const file = join(home, "answers.json");
      await writeFile(file, JSON.stringify(answers));
      return {
        file: process.execPath,
        args: [script, "--port", String(port), "--answers", file, "--blob", blob],
      };
    },
  };
}

/** What a registry answers to the reads now. */
export async function recordAnswers(url: string): Promise<Record<string, PreparedAnswer>> {
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

/**
 * Levels what a server that writes next finds. A virtual machine's memory is given to it by its host on first use, and
 * a write into the page cache then takes up to ten times the CPU: whoever came first would pay for all. So a file
 * somewhat larger than what comes next is written and deleted, which leaves memory that has been used; what others
 * left to be written to the disk is waited for, too.
 */
export async function levelMemory(folder: string, size: number): Promise<void> {
  const file = join(folder, "level.bin");
  writeSeconds(file, size * 1.25);
  await rm(file);
  await run("sync", ["-f", folder]);
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
