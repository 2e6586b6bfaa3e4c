import { describe, expect, it } from "vitest";
import { PartReader, partSize } from "../../../lib/storage/s3/multipart/parts.ts";
import { bodyOf, noise } from "../../support/content.ts";

const MEBIBYTE = 1024 * 1024;

/** Limit of a test in milliseconds, so that a reader that never ends fails soon. */
const TIMEOUT = 10_000;

/** Reads a body in parts of a size, and returns the parts, the observed bytes, and the size after each part. */
async function readParts(chunks: readonly Uint8Array[], size: number) {
  const parts: Uint8Array[] = [];
  const observed: Uint8Array[] = [];
  const reader = new PartReader(bodyOf(...chunks), (bytes) => observed.push(bytes));
  expect(reader.hasEnded).toBe(false);
  do parts.push(await reader.next(new Uint8Array(size)));
  while (!reader.hasEnded && parts.length < 20);
  return { parts, observed: Buffer.concat(observed), size: reader.size };
}

describe("parts of a body", () => {
  it.each<[string, readonly number[], readonly number[]]>([
    ["no chunk", [], [0]],
    ["one empty chunk", [0], [0]],
    ["less than a part", [3], [3]],
    ["exactly one part", [10], [10]],
    ["exactly two parts", [4, 16], [10, 10]],
    ["a chunk larger than two parts", [25], [10, 10, 5]],
    ["many small chunks", [3, 3, 3, 3, 3], [10, 5]],
    ["empty chunks between others", [6, 0, 6], [10, 2]],
  ])(
    "have the size of their buffer, except the last, with %s",
    async (_, chunkSizes, expected) => {
      const chunks = chunkSizes.map((size, index) => noise(size, index + 1));
      const { parts, observed, size } = await readParts(chunks, 10);
      expect(parts.map(({ length }) => length)).toEqual(expected);
      expect(Buffer.concat(parts)).toEqual(Buffer.concat(chunks));
      expect(observed).toEqual(Buffer.concat(chunks));
      expect(size).toBe(observed.length);
    },
    TIMEOUT,
  );

  it(
    "end when the reader is closed, which closes the body",
    async () => {
      let isClosed = false;
      async function* endless() {
        try {
          for (;;) yield new Uint8Array(7);
        } finally {
          isClosed = true;
        }
      }
      const reader = new PartReader(endless(), () => undefined);
      expect(await reader.next(new Uint8Array(7))).toHaveLength(7);
      expect(reader.hasEnded).toBe(false);
      await reader[Symbol.asyncDispose]();
      expect(isClosed).toBe(true);
      expect(await reader.next(new Uint8Array(14))).toHaveLength(7);
      expect(reader.hasEnded).toBe(true);
    },
    TIMEOUT,
  );

  it("are not filled with further bytes after the reader is closed", async () => {
    const body = {
      [Symbol.asyncIterator]: () => body,
      next: async () => ({ done: false as const, value: new Uint8Array(7) }),
    };
    const reader = new PartReader(body, () => undefined);
    await reader.next(new Uint8Array(7));
    await reader[Symbol.asyncDispose]();
    expect(await reader.next(new Uint8Array(14))).toHaveLength(7);
  });

  it("double in size every thousand parts", () => {
    const sizes = [1, 1000, 1001, 2000, 2001, 9001].map((number) => partSize(number) / MEBIBYTE);
    expect(sizes).toEqual([8, 8, 16, 16, 32, 4096]);
  });
});
