import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import type { Body } from "../../../lib/ports/body.ts";
import { writeBody } from "../../../lib/storage/disk/write.ts";
import { type FileFault, withFileFault } from "../../support/faults/file-faults.ts";

const MEBIBYTE = 1024 * 1024;

/** Calls on a file that stores nothing. */
class Calls {
  readonly writes: { readonly position: number; readonly bytes: number; readonly chunks: number }[] = [];
  syncs = 0;

  /** @param sync duration of each flush */
  record(sync: Promise<void>): FileFault {
    return () => ({
      writev: async (buffers: readonly Uint8Array[], position: number) => {
        const bytes = buffers.reduce((sum, { length }) => sum + length, 0);
        this.writes.push({ position, bytes, chunks: buffers.length });
        return { bytesWritten: bytes };
      },
      write: async () => expect.fail("nothing is left to write"),
      datasync: async () => {
        this.syncs += 1;
        await sync;
      },
    });
  }
}

async function* repeat(chunk: Uint8Array, count: number, atEnd?: () => void): Body {
  for (let index = 0; index < count; index++) yield chunk;
  atEnd?.();
}

async function write(
  body: Body,
  position = 0,
  sync: Promise<void> = Promise.resolve(),
  calls = new Calls(),
): Promise<Calls> {
  await withFileFault(calls.record(sync), async () => {
    await using file: FileHandle = await open("/dev/null", "r+");
    const end = await writeBody(file, position, body, createHash("sha1"));
    expect(end).toBe(position + calls.writes.reduce((sum, { bytes }) => sum + bytes, 0));
  });
  return calls;
}

describe("a body that is written to a file", () => {
  it("of very short chunks is written before many of them are in memory", async () => {
    const { writes } = await write(repeat(new Uint8Array(1), 2500));
    expect(writes.map(({ chunks }) => chunks)).toEqual([1024, 1024, 452]);
  });

  it.each<[string, number, number, readonly number[]]>([
    ["no chunk", 0, 1, []],
    ["one small chunk", 1, 10, [10]],
    ["small chunks", 40, MEBIBYTE / 16, [MEBIBYTE, MEBIBYTE, MEBIBYTE / 2]],
    ["chunks as large as a batch", 2, MEBIBYTE, [MEBIBYTE, MEBIBYTE]],
  ])("in %s is written in batches of at least one mebibyte", async (_, count, size, expected) => {
    const { writes, syncs } = await write(repeat(new Uint8Array(size), count), 7);
    expect(writes.map(({ bytes }) => bytes)).toEqual(expected);
    const positions = expected.map((_length, index) => 7 + index * MEBIBYTE);
    expect(writes.map(({ position }) => position)).toEqual(positions);
    expect(syncs).toBe(0);
  });

  it("is flushed every 64 mebibytes", async () => {
    const { syncs } = await write(repeat(new Uint8Array(MEBIBYTE), 200));
    expect(syncs).toBe(3);
  });

  it("is never flushed by two calls at a time", async () => {
    const sync = Promise.withResolvers<void>();
    const calls = new Calls();
    let syncsBeforeEnd = 0;
    const body = repeat(new Uint8Array(MEBIBYTE), 200, () => {
      syncsBeforeEnd = calls.syncs;
      sync.resolve();
    });
    await write(body, 0, sync.promise, calls);
    expect(syncsBeforeEnd).toBe(1);
  });
});
