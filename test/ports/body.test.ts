import { expect, it } from "vitest";
import { type Body, collect, collectUpTo } from "../../lib/ports/body.ts";
import { bytesInUse } from "../support/process/garbage.ts";

const LIMIT = 6;

/** Yields chunks that are overwritten when the second chunk after them is requested, as the port allows. */
async function* reusing(chunks: readonly string[], onEnd: () => void = () => undefined): Body {
  const buffers = [Buffer.alloc(LIMIT + 1), Buffer.alloc(LIMIT + 1)] as const;
  try {
    for (const [index, chunk] of chunks.entries()) {
      const buffer = index % 2 === 0 ? buffers[0] : buffers[1];
      yield buffer.subarray(0, buffer.write(chunk));
    }
  } finally {
    onEnd();
  }
}

it.each([
  ["no bytes", [], ""],
  ["fewer bytes than the limit", ["ab", "c"], "abc"],
  ["as many bytes as the limit", ["ab", "cd", "ef"], "abcdef"],
])("collects %s", async (_, chunks, expected) => {
  expect((await collectUpTo(LIMIT, reusing(chunks)))?.toString()).toBe(expected);
});

it("stops reading and ends the body when there are more bytes than the limit", async () => {
  const read: string[] = [];
  const chunks = ["abc", "def", "g", "never"];
  const body = reusing(chunks, () => read.push("end"));
  async function* watched(): Body {
    for await (const chunk of body) {
      read.push(Buffer.from(chunk).toString());
      yield chunk;
    }
  }
  expect(await collectUpTo(LIMIT, watched())).toBeUndefined();
  expect(read).toEqual(["abc", "def", "g", "end"]);
});

it.each([
  ["collect", collect],
  ["collectUpTo", (body: Body) => collectUpTo(100_000, body)],
])("%s needs little more memory than the bytes, however short the chunks are", async (_, read) => {
  const before = bytesInUse();
  let atEnd = 0;
  async function* body(): Body {
    const chunk = new Uint8Array(1);
    for (let size = 0; size < 100_000; size += 1) yield chunk;
    atEnd = bytesInUse();
  }
  expect(await read(body())).toHaveLength(100_000);
  // A list of 100,000 copies takes 8 MB.
  expect(atEnd - before).toBeLessThan(4_000_000);
});
