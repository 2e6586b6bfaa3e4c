import { type FileHandle, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileChunks } from "../../../lib/storage/disk/file-chunks.ts";
import { noise } from "../../support/content.ts";
import { newFolder } from "../../support/folder.ts";

const CHUNK_BYTES = 512 * 1024;
const BYTES = noise(4 * CHUNK_BYTES);
const END = { done: true, value: undefined };

let folder: Awaited<ReturnType<typeof newFolder>>;
let file: FileHandle;
beforeEach(async () => {
  folder = await newFolder();
  const path = join(folder.path, "file");
  await writeFile(path, BYTES);
  file = await open(path);
});
afterEach(async () => {
  await file.close();
  await folder.remove();
});

describe("chunks of a file", () => {
  it("are read into two alternating buffers", async () => {
    const buffers: ArrayBufferLike[] = [];
    for await (const { buffer } of new FileChunks(file, 0, BYTES.length)) buffers.push(buffer);
    const [first, second] = buffers;
    expect(buffers).toHaveLength(4);
    expect(buffers.map((buffer) => [first, second].indexOf(buffer))).toEqual([0, 1, 0, 1]);
  });

  it.each([
    ["before the first", 0],
    ["after the first", 1],
  ])("end when the reader stops %s", async (_, count) => {
    const chunks = new FileChunks(file, 0, BYTES.length);
    for (let read = 0; read < count; read++) await chunks.next();
    expect(await chunks.return()).toEqual(END);
    expect(await chunks.next()).toEqual(END);
    expect(file.fd).toBe(-1);
  });

  it.each([0, BYTES.length])("report their end repeatedly, after %d bytes", async (length) => {
    const chunks = new FileChunks(file, 0, length);
    for (let left = length; left > 0; left -= CHUNK_BYTES) await chunks.next();
    expect(await chunks.next()).toEqual(END);
    expect(await chunks.next()).toEqual(END);
  });
});
