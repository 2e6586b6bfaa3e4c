import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OciError } from "../../../lib/oci/errors.ts";
import type { BlobStore } from "../../../lib/ports/blob-store.ts";
import { blob, bodyOf, collect, digestOf, noise } from "../content.ts";
import { ociError } from "../errors.ts";
import type { Opened } from "../opened.ts";

/** Default size in bytes of a blob that requires more than one write; stores with larger parts pass a larger size. */
export const LARGE_BLOB_BYTES = 2_500_001;

/** Contract of blob stores; must be called within a `describe`. */
export function blobsContract(open: () => Promise<Opened<BlobStore>>, large = LARGE_BLOB_BYTES): void {
  let opened: Opened<BlobStore>;
  let blobs: BlobStore;
  beforeAll(async () => {
    opened = await open();
    blobs = opened.store;
  });
  afterAll(() => opened.close());

  describe("a blob", () => {
    it("is undefined before it is stored", async () => {
      const { digest } = blob("never stored");
      expect(await blobs.stat(digest)).toBeUndefined();
      expect(await blobs.get(digest)).toBeUndefined();
      expect(await blobs.get(digest, { first: 0, last: 0 })).toBeUndefined();
    });

    it.each(["sha256", "sha512"] as const)(
      "is returned byte for byte by its %s digest",
      async (algorithm) => {
        const { digest, bytes } = blob("some bytes", algorithm);
        expect(await blobs.put(digest, bodyOf("some ", "", "bytes"))).toEqual({ size: 10 });
        expect(await blobs.stat(digest)).toEqual({ size: 10 });
        expect(await collect(await blobs.get(digest))).toEqual(Buffer.from(bytes));
      },
    );

    it("is undefined under the digest of the other algorithm", async () => {
      await blobs.put(blob("one of two").digest, bodyOf("one of two"));
      expect(await blobs.stat(blob("one of two", "sha512").digest)).toBeUndefined();
    });

    it.each<[string, readonly string[]]>([
      ["without a chunk", []],
      ["in an empty chunk", [""]],
    ])("can be empty, and arrive %s", async (_, chunks) => {
      const { digest } = blob("");
      expect(await blobs.put(digest, bodyOf(...chunks))).toEqual({ size: 0 });
      expect(await blobs.stat(digest)).toEqual({ size: 0 });
      expect(await collect(await blobs.get(digest))).toHaveLength(0);
    });

    it("can arrive in many chunks of all sizes", async () => {
      const bytes = noise(20_000);
      const cuts = [0, 1, 2, 3, 1000, 1001, 5000, 19_999, 20_000];
      const chunks = cuts.map((cut, index) => bytes.subarray(cuts[index - 1] ?? 0, cut));
      await blobs.put(digestOf(bytes), bodyOf(...chunks));
      expect(await collect(await blobs.get(digestOf(bytes)))).toEqual(Buffer.from(bytes));
    });

    it("can be large, in small and in large chunks", async () => {
      const bytes = noise(large, 2);
      await blobs.put(digestOf(bytes), bodyOf(...splitBytes(bytes, 65_521)));
      expect(await stored(digestOf(bytes))).toBe(digestOf(bytes));
      const other = noise(large, 3);
      await blobs.put(digestOf(other), bodyOf(other));
      expect(await stored(digestOf(other))).toBe(digestOf(other));
    });

    it("can be stored again", async () => {
      const { digest } = blob("twice");
      await blobs.put(digest, bodyOf("twice"));
      expect(await blobs.put(digest, bodyOf("twice"))).toEqual({ size: 5 });
      expect(await collect(await blobs.get(digest))).toEqual(Buffer.from("twice"));
    });

    it("can be stored by concurrent callers", async () => {
      const { digest } = blob("at once");
      const puts = ["a", "b", "c", "d"].map(() => blobs.put(digest, bodyOf("at", " ", "once")));
      expect(await Promise.all(puts)).toEqual(puts.map(() => ({ size: 7 })));
      expect(await collect(await blobs.get(digest))).toEqual(Buffer.from("at once"));
    });

    it("can be read concurrently and repeatedly", async () => {
      const { digest } = blob("read");
      await blobs.put(digest, bodyOf("read"));
      const reads = ["a", "b", "c"].map(async () => await collect(await blobs.get(digest)));
      expect(await Promise.all(reads)).toEqual(reads.map(() => Buffer.from("read")));
    });

    it("persists in another instance of the store", async () => {
      const { digest } = blob("kept");
      await blobs.put(digest, bodyOf("kept"));
      blobs = await opened.reopen();
      expect(await blobs.stat(digest)).toEqual({ size: 4 });
      expect(await collect(await blobs.get(digest))).toEqual(Buffer.from("kept"));
    });
  });

  describe("bytes that do not match their digest", () => {
    it.each<[string, string]>([
      ["other", "other bytes"],
      ["too few", "righ"],
      ["too many", "right bytes and more"],
      ["none", ""],
    ])("are rejected and not stored when they are %s", async (name, text) => {
      const { digest } = blob(`right bytes for ${name}`);
      await expect(blobs.put(digest, bodyOf(text))).rejects.toThrow(ociError("DIGEST_INVALID", 400));
      expect(await blobs.stat(digest)).toBeUndefined();
      expect(await blobs.get(digest)).toBeUndefined();
    });

    it("are rejected and not stored, even if there are many", async () => {
      const { digest } = blob("right, but never sent");
      const body = bodyOf(...splitBytes(noise(large, 4), 1_000_003));
      await expect(blobs.put(digest, body)).rejects.toThrow(ociError("DIGEST_INVALID", 400));
      expect(await blobs.stat(digest)).toBeUndefined();
    });

    it("do not change a blob that is already stored", async () => {
      const { digest } = blob("stored before");
      await blobs.put(digest, bodyOf("stored before"));
      await expect(blobs.put(digest, bodyOf("not this"))).rejects.toThrow(ociError("DIGEST_INVALID"));
      expect(await collect(await blobs.get(digest))).toEqual(Buffer.from("stored before"));
    });
  });

  describe("an interrupted body", () => {
    it.each<[string, number]>([
      ["at once", 0],
      ["after some bytes", 10],
      ["after many bytes", large],
    ])("%s stores nothing, and its error is thrown", async (_, length) => {
      const bytes = noise(length + 1, 5);
      const begun = interruptedBody(bytes.subarray(0, length));
      await expect(blobs.put(digestOf(bytes), begun)).rejects.toThrow("the client has gone");
      expect(await blobs.stat(digestOf(bytes))).toBeUndefined();
    });

    it("stores nothing, even after all of its bytes", async () => {
      const { digest, bytes } = blob("all of it");
      await expect(blobs.put(digest, interruptedBody(bytes))).rejects.toThrow("the client has gone");
      expect(await blobs.stat(digest)).toBeUndefined();
    });

    it("can be retried", async () => {
      const { digest, bytes } = blob("again");
      await expect(blobs.put(digest, interruptedBody(bytes))).rejects.toThrow("the client has gone");
      await blobs.put(digest, bodyOf(bytes));
      expect(await blobs.stat(digest)).toEqual({ size: 5 });
    });
  });

  describe("a blob of declared length", () => {
    it("is returned byte for byte", async () => {
      const bytes = noise(large, 7);
      const digest = digestOf(bytes);
      expect(await blobs.put(digest, bodyOf(...splitBytes(bytes, 65_521)), large)).toEqual({ size: large });
      expect(await stored(digest)).toBe(digest);
    });

    it("is rejected and not stored when its bytes are wrong", async () => {
      const digest = digestOf(noise(large, 8));
      const body = bodyOf(...splitBytes(noise(large, 9), 1_000_003));
      await expect(blobs.put(digest, body, large)).rejects.toThrow(ociError("DIGEST_INVALID", 400));
      expect(await blobs.stat(digest)).toBeUndefined();
    });

    it("does not change a stored blob when its bytes are wrong", async () => {
      const bytes = noise(large, 10);
      const digest = digestOf(bytes);
      await blobs.put(digest, bodyOf(bytes), large);
      const rejected = blobs.put(digest, bodyOf(noise(large, 11)), large);
      await expect(rejected).rejects.toThrow(ociError("DIGEST_INVALID", 400));
      expect(await stored(digest)).toBe(digest);
    });

    it.each([
      ["short", large - 1],
      ["long", large + 1],
    ])("is rejected and not stored when it is too %s", async (_, length) => {
      const bytes = noise(length, 12);
      const digest = digestOf(noise(large, 13));
      await expect(blobs.put(digest, bodyOf(bytes), large)).rejects.toThrow(OciError);
      expect(await blobs.stat(digest)).toBeUndefined();
    });

    it.each([
      ["at once", 0],
      ["after many bytes", large - 1],
      ["after its last byte", large],
    ])("stores nothing when it is interrupted %s, and its error is thrown", async (_, length) => {
      const bytes = noise(large, 14 + length);
      const begun = interruptedBody(bytes.subarray(0, length));
      await expect(blobs.put(digestOf(bytes), begun, large)).rejects.toThrow("the client has gone");
      expect(await blobs.stat(digestOf(bytes))).toBeUndefined();
    });
  });

  describe("a range of a blob", () => {
    it.each<[number, number]>([
      [0, 0],
      [0, 9],
      [3, 5],
      [9, 9],
    ])("has the bytes %d to %d, inclusive", async (first, last) => {
      const { digest } = blob("0123456789");
      await blobs.put(digest, bodyOf("0123456789"));
      const part = await collect(await blobs.get(digest, { first, last }));
      expect(part.toString()).toBe("0123456789".slice(first, last + 1));
    });

    it("can be anywhere in a large blob", async () => {
      const bytes = noise(large, 6);
      const digest = digestOf(bytes);
      await blobs.put(digest, bodyOf(bytes));
      for (const [first, last] of [
        [0, 65_536],
        [large - 70_000, large - 1],
        [1, large - 2],
      ] as const) {
        const part = await collect(await blobs.get(digest, { first, last }));
        expect(part.equals(bytes.subarray(first, last + 1))).toBe(true);
      }
    });

    it("need not be read completely", async () => {
      const bytes = noise(large, 6);
      await blobs.put(digestOf(bytes), bodyOf(bytes));
      for await (const chunk of (await blobs.get(digestOf(bytes))) ?? bodyOf()) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(await blobs.stat(digestOf(bytes))).toEqual({ size: large });
    });
  });

  async function stored(digest: Parameters<BlobStore["get"]>[0]) {
    return digestOf(await collect(await blobs.get(digest)));
  }
}

/** Splits bytes into pieces of a length. */
export function splitBytes(bytes: Uint8Array, length: number): readonly Uint8Array[] {
  const count = Math.ceil(bytes.length / length);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * length, (index + 1) * length));
}

/** Yields all of the bytes in pieces, and then throws instead of ending. */
export async function* interruptedBody(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield* splitBytes(bytes, 100_003);
  throw new Error("the client has gone");
}
