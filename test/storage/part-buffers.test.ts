import { describe, expect, it } from "vitest";
import { PartBuffers } from "../../lib/storage/s3/multipart/part-buffers.ts";
import { partSize } from "../../lib/storage/s3/multipart/parts.ts";

const USUAL = partSize(1);

describe("buffers of parts", () => {
  it("are reused during an upload", async () => {
    const buffers = new PartBuffers(2);
    await buffers.using(async () => {
      const part = buffers.take(USUAL);
      buffers.giveBack(part.subarray(0, 10));
      expect(buffers.take(USUAL).buffer).toBe(part.buffer);
    });
  });

  it("are freed after the last upload, also when it fails", async () => {
    const buffers = new PartBuffers(2);
    let part = new Uint8Array();
    const other = buffers.using(async () => {
      part = buffers.take(USUAL);
      buffers.giveBack(part);
      await Promise.resolve();
      expect(part.length).toBe(USUAL);
      throw new Error("failed");
    });
    await expect(other).rejects.toThrow("failed");
    expect(part.length).toBe(0);
  });

  it("are kept while other uploads run", async () => {
    const buffers = new PartBuffers(2);
    await buffers.using(async () => {
      const part = buffers.take(USUAL);
      await buffers.using(async () => buffers.giveBack(part));
      expect(part.length).toBe(USUAL);
    });
  });

  it.each([
    ["beyond the size of the pool", 3, USUAL],
    ["of another size", 1, USUAL * 2],
  ])("are freed immediately %s", async (_, count, size) => {
    const buffers = new PartBuffers(2);
    await buffers.using(async () => {
      const parts = Array.from({ length: count }, () => buffers.take(size));
      for (const part of parts) buffers.giveBack(part);
      expect(parts.at(-1)?.length).toBe(0);
    });
  });
});
