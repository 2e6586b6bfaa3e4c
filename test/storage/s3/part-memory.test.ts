import { S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Body } from "../../../lib/ports/body.ts";
import { StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { PartMemory } from "../../../lib/storage/s3/multipart/part-memory.ts";
import { upload } from "../../../lib/storage/s3/multipart/upload.ts";
import { bodyOf, noise } from "../../support/content.ts";

const MEBIBYTE = 1024 * 1024;
const PART = 8 * MEBIBYTE;
const HEAD = 64 * 1024;
const INSPECTION = { observe: () => undefined, verify: () => undefined };

let client: S3Client;
/** Copies of the bytes that were sent to S3. */
let sent: Uint8Array[];
/** Ends the calls to S3 that are in progress; undefined to respond at once. */
let responses: (() => void)[] | undefined;

beforeEach(() => {
  client = new S3Client({ region: "us-east-1" });
  responses = undefined;
  sent = [];
  client.middlewareStack.add(
    (_, { commandName }) =>
      async ({ input }) => {
        if ("Body" in input && input.Body instanceof Uint8Array) sent.push(Uint8Array.from(input.Body));
        if (commandName === "UploadPartCommand")
          await new Promise<void>((resolve) =>
            responses === undefined ? resolve() : responses.push(resolve),
          );
        return { output: { UploadId: "1", $metadata: { attempts: 1 } }, response: undefined };
      },
    { step: "initialize" },
  );
});
afterEach(() => client.destroy());

/** Waits until all pending callbacks have run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A client that sends all but the last byte of a part in chunks, and then nothing until the connection is closed. */
class StalledClient {
  received = 0;
  readonly #closed = Promise.withResolvers<never>();

  async *body(): Body {
    while (this.received < PART - HEAD) {
      this.received += HEAD;
      yield new Uint8Array(HEAD);
    }
    await this.#closed.promise;
  }

  close(): void {
    // A client that was rejected does not wait for this.
    this.#closed.promise.catch(() => undefined);
    this.#closed.reject(new Error("connection closed"));
  }
}

const store = (memory: PartMemory, body: Body) =>
  upload({ client, name: "bucket", memory }, "key", body, INSPECTION);
const chunks = (count: number) => bodyOf(...Array.from({ length: count }, () => new Uint8Array(MEBIBYTE)));

describe("uploads that have stalled", () => {
  it("hold no more memory than the limit, and the others are rejected after a wait", async () => {
    const memory = new PartMemory({ maxBytes: 3 * PART, waitMilliseconds: 1 });
    const clients = Array.from({ length: 20 }, () => new StalledClient());
    const uploads = clients.map((stalled) => store(memory, stalled.body()));
    const outcomes = Promise.allSettled(uploads);
    const rejected = await Promise.all(uploads.slice(3).map((one) => one.catch((error: unknown) => error)));
    for (const error of rejected) expect(error).toBeInstanceOf(StorageUnavailableError);
    await settled();
    const received = clients.reduce((sum, stalled) => sum + stalled.received, 0);
    expect(received).toBeLessThanOrEqual(3 * PART + 17 * 2 * HEAD);
    for (const stalled of clients) stalled.close();
    expect((await outcomes).slice(0, 3)).toMatchObject(
      Array(3).fill({ reason: { message: "connection closed" } }),
    );
    expect(await store(memory, chunks(20))).toBe(20 * MEBIBYTE);
  });

  it("do not keep small bodies from being stored", async () => {
    const memory = new PartMemory({ maxBytes: PART, waitMilliseconds: 1 });
    const stalled = new StalledClient();
    const first = store(memory, stalled.body());
    await settled();
    expect(await store(memory, bodyOf(new Uint8Array(HEAD)))).toBe(HEAD);
    await expect(store(memory, chunks(1))).rejects.toBeInstanceOf(StorageUnavailableError);
    stalled.close();
    await expect(first).rejects.toThrow("connection closed");
  });
});

describe("uploads in progress", () => {
  it("complete with one part each in memory when there is no room for more", async () => {
    const memory = new PartMemory({ maxBytes: 2 * PART, waitMilliseconds: 1 });
    responses = [];
    const uploads = [store(memory, chunks(40)), store(memory, chunks(40))];
    let parts = 0;
    while (parts < 10) {
      await settled();
      expect(responses.length).toBeLessThanOrEqual(2);
      parts += responses.length;
      for (const respond of responses.splice(0)) respond();
    }
    expect(await Promise.all(uploads)).toEqual([40 * MEBIBYTE, 40 * MEBIBYTE]);
  });

  it("send several parts at the same time when there is room", async () => {
    const memory = new PartMemory({ maxBytes: 4 * PART, waitMilliseconds: 1 });
    responses = [];
    const whole = store(memory, chunks(40));
    await settled();
    expect(responses).toHaveLength(4);
    const all = responses.splice(0);
    responses = undefined;
    for (const respond of all) respond();
    expect(await whole).toBe(40 * MEBIBYTE);
  });

  it.each([
    ["are large after the first one where memory allows", 128 * MEBIBYTE, [8, 32, 1]],
    ["are small where it does not", 5 * PART - 1, [8, 8, 8, 8, 8, 1]],
  ])("have parts that %s", async (_, maxBytes, sizes) => {
    await store(new PartMemory({ maxBytes, waitMilliseconds: 1 }), chunks(41));
    expect(sent.map(({ length }) => length / MEBIBYTE)).toEqual(sizes);
  });
});

it.each([0, 1, HEAD, HEAD + 1, PART, PART + 1, 3 * PART + 1])(
  "a body of %d bytes reaches S3 unchanged, and its memory is returned",
  async (size) => {
    const memory = new PartMemory({ maxBytes: PART, waitMilliseconds: 1 });
    const bytes = noise(size);
    for (const body of [bodyOf(bytes), bodyOf(...splitBytes(bytes, 100_003))]) {
      sent = [];
      expect(await store(memory, body)).toBe(size);
      expect(Buffer.concat(sent).equals(bytes)).toBe(true);
    }
  },
);

function* splitBytes(bytes: Uint8Array, length: number): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += length) yield bytes.subarray(start, start + length);
}
