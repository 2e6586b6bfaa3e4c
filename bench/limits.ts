import { createHash, randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readSync, writeSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PreparedResponse } from "./bare.ts";
import { run } from "./command.ts";
import { MANIFEST_TYPE, READ_CASES } from "./images.ts";
import type { Contender } from "./servers.ts";

const PIECE_BYTES = 1 << 20;
/** Size of the chunks of a body in node:http. */
const CHUNK_BYTES = 64 << 10;
/** Headers of the connection, which node:http sets itself. */
const CONNECTION_HEADERS = new Set(["connection", "keep-alive", "date", "transfer-encoding"]);

/** Column title of the bare server. */
export const BARE_TITLE = "bare node:http";

/** Returns a minimal node:http server with prepared responses to reads and a blob to send. */
export function createBareServer(
  responses: Readonly<Record<string, PreparedResponse>>,
  blob: string,
): Contender {
  const script = join(import.meta.dirname, "bare.ts");
  return {
    name: "bare",
    title: BARE_TITLE,
    keepsBytes: false,
    install: async () => {},
    program: async (folder, port) => {
      const file = join(folder, "responses.json");
      await writeFile(file, JSON.stringify(responses));
      return {
        file: process.execPath,
        args: [script, "--port", String(port), "--responses", file, "--blob", blob],
      };
    },
  };
}

/** Records a registry's responses to the reads. */
export async function recordResponses(url: string): Promise<Record<string, PreparedResponse>> {
  const responses: Record<string, PreparedResponse> = {};
  for (const { method, targets } of READ_CASES) {
    for (const { path } of targets) {
      const response = await fetch(`${url}${path}`, { method, headers: { accept: MANIFEST_TYPE } });
      const body = Buffer.from(await response.arrayBuffer()).toString("base64");
      const headers = [...response.headers].filter(([name]) => !CONNECTION_HEADERS.has(name));
      responses[`${method} ${path}`] = { headers: Object.fromEntries(headers), body };
    }
  }
  return responses;
}

/** Measures the seconds in which node:crypto hashes a number of bytes. */
export function measureHashSeconds(size: number): number {
  const piece = randomBytes(PIECE_BYTES);
  const hash = createHash("sha256");
  return seconds(() => {
    for (let done = 0; done < size; done += CHUNK_BYTES) {
      const start = done % PIECE_BYTES;
      hash.update(piece.subarray(start, start + CHUNK_BYTES));
    }
    hash.digest();
  });
}

/** Measures the seconds in which a number of incompressible bytes are written and flushed to the disk. */
export function measureWriteSeconds(file: string, size: number): number {
  const piece = randomBytes(PIECE_BYTES);
  const descriptor = openSync(file, "w");
  const taken = seconds(() => {
    for (let done = 0; done < size; done += PIECE_BYTES) writeSync(descriptor, piece);
    fsyncSync(descriptor);
  });
  closeSync(descriptor);
  return taken;
}

/**
 * Equalizes the memory for the next server that writes. The host assigns memory to a virtual machine on first use, and
 * a write into the page cache then takes up to ten times the CPU, which the first server would pay for all. So a file
 * somewhat larger than the next transfer is written and deleted, which leaves assigned memory; pending
 * writes of others are flushed, too.
 */
export async function equalizeMemory(folder: string, size: number): Promise<void> {
  const file = join(folder, "level.bin");
  measureWriteSeconds(file, size * 1.25);
  await rm(file);
  await run("sync", ["-f", folder]);
}

/** Measures the seconds in which a file is read. It was just written and is in the page cache, like a layer just pushed. */
export function measureReadSeconds(file: string): number {
  const piece = Buffer.alloc(PIECE_BYTES);
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
