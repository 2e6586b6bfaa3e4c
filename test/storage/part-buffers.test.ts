import { describe, expect, it } from "vitest";
import { PartBuffers } from "../../lib/storage/s3/multipart/part-buffers.ts";
import { partSize } from "../../lib/storage/s3/multipart/parts.ts";

const USUAL = partSize(1);

describe("part buffers", () => {
  it("are reused during an upload", async () => {
    const buffers = new PartBuffers(2);
    await buffers.run(async () => {
      const part = buffers.acquire(USUAL);
      buffers.release(part.subarray(0, 10));
      expect(buffers.acquire(USUAL).buffer).toBe(part.buffer);
    });
  });

  it("are freed after the last upload, even when it fails", async () => {
    const buffers = new PartBuffers(2);
    let part = new Uint8Array();
    const other = buffers.run(async () => {
      part = buffers.acquire(USUAL);
      buffers.release(part);
      await Promise.resolve();
      expect(part.length).toBe(USUAL);
      throw new Error("failed");
    });
    await expect(other).rejects.toThrow("failed");
    expect(part.length).toBe(0);
  });

  it("are kept while other uploads are in progress", async () => {
    const buffers = new PartBuffers(2);
    await buffers.run(async () => {
      const part = buffers.acquire(USUAL);
      await buffers.run(async () => buffers.release(part));
      expect(part.length).toBe(USUAL);
    });
  });

  it.each([
    ["beyond the size of the pool", 3, USUAL],
    ["of another size", 1, USUAL * 2],
  ])("are freed immediately %s", async (_, count, size) => {
    const buffers = new PartBuffers(2);
    await buffers.run(async () => {
      const parts = Array.from({ length: count }, () => buffers.acquire(size));
      for (const part of parts) buffers.release(part);
      expect(parts.at(-1)?.length).toBe(0);
    });
  });
});
