import { beforeEach, describe, expect, it } from "vitest";
import type { Body } from "../../lib/ports/body.ts";
import { getBlob } from "../../lib/registry/blobs.ts";
import { finishUpload } from "../../lib/registry/finish-upload.ts";
import {
  appendChunk,
  ChunkOutOfOrderError,
  cancelUpload,
  startUpload,
  statUpload,
  UPLOAD_LIFETIME_SECONDS,
  UploadInUseError,
} from "../../lib/registry/uploads.ts";
import { blob, bodyOf, type Content, collect, noise } from "../support/content.ts";
import { interruptedBody } from "../support/contracts/blobs-contract.ts";
import { ociError, rejection } from "../support/errors.ts";
import { readRepository } from "../support/interleaving/repository.ts";
import { type MemoryRegistry, withInterceptor } from "../support/memory.ts";
import { createImageRepository, Repository } from "../support/repository.ts";

const CONTENT = blob("0123456789");

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  ({ memory, repository } = await createImageRepository());
});

const start = async () => (await startUpload(memory.registry, repository.name)).id;
const stat = (id: string) => statUpload(memory.registry, repository.name, id);
const cancel = (id: string) => cancelUpload(memory.registry, repository.name, id);

async function append(id: string, text: string, first?: number, body: Body = bodyOf(text)) {
  const range = first === undefined ? undefined : { first, last: first + text.length - 1 };
  return await appendChunk(memory.registry, repository.name, id, { body, range });
}

async function finish(id: string, content: Content, text?: string, first?: number): Promise<void> {
  const range = first === undefined ? undefined : { first, last: first + (text ?? "").length - 1 };
  const chunk = text === undefined ? undefined : { body: bodyOf(text), range };
  await finishUpload(memory.registry, repository.name, id, content.digest, chunk);
}

async function expectStored(content: Content): Promise<void> {
  expect(await repository.sizeOf(content)).toBe(content.bytes.length);
  expect(
    await collect(await getBlob(memory.registry, content.digest, { size: content.bytes.length })),
  ).toEqual(Buffer.from(content.bytes));
}

describe("an upload session", () => {
  it("begins empty", async () => {
    const id = await start();
    expect(await stat(id)).toMatchObject({ id, size: 0 });
  });

  it("accepts a whole blob with its closing request", async () => {
    await finish(await start(), CONTENT, "0123456789");
    await expectStored(CONTENT);
  });

  it("accepts a blob in one chunk, followed by a closing request without a body", async () => {
    const id = await start();
    expect(await append(id, "0123456789")).toMatchObject({ id, size: 10 });
    await finish(id, CONTENT);
    await expectStored(CONTENT);
  });

  it("accepts a blob in chunks, the last with its closing request", async () => {
    const id = await start();
    await append(id, "0123", 0);
    await append(id, "45", 4);
    expect(await stat(id)).toMatchObject({ size: 6 });
    await finish(id, CONTENT, "6789", 6);
    await expectStored(CONTENT);
  });

  it("accepts an empty blob", async () => {
    await finish(await start(), blob(""));
    await expectStored(blob(""));
    const id = await start();
    await append(id, "");
    await finish(id, blob(""), "");
  });

  it.each(["sha256", "sha512"] as const)(
    "can be closed with a %s digest, independent of the announced algorithm",
    async (used) => {
      for (const announced of ["sha256", "sha512"] as const) {
        const { id } = await startUpload(memory.registry, repository.name, announced);
        await append(id, "01234");
        await finish(id, blob("0123456789", used), "56789");
        await expectStored(blob("0123456789", used));
      }
    },
  );

  it("is unknown after it is closed", async () => {
    const id = await start();
    await append(id, "0123456789");
    await finish(id, CONTENT);
    await expectUnknown(id);
  });

  it("is unknown after it is cancelled, and leaves no record", async () => {
    const id = await start();
    await append(id, "01234");
    await cancel(id);
    await expectUnknown(id);
    expect((await readRepository(memory.records, repository.name)).uploads).toEqual([]);
  });

  it("belongs to one repository", async () => {
    const id = await start();
    const other = new Repository(memory.registry, "other");
    await expect(statUpload(memory.registry, other.name, id)).rejects.toThrow(
      ociError("BLOB_UPLOAD_UNKNOWN"),
    );
  });

  it("is unknown before it is started", async () => {
    await expectUnknown("never-begun");
  });

  it("expires a day after its last chunk", async () => {
    const id = await start();
    memory.clock.advance(UPLOAD_LIFETIME_SECONDS - 1);
    await append(id, "01234");
    memory.clock.advance(UPLOAD_LIFETIME_SECONDS - 1);
    expect(await stat(id)).toMatchObject({ size: 5 });
    memory.clock.advance(1);
    await expectUnknown(id);
  });

  async function expectUnknown(id: string): Promise<void> {
    const unknown = ociError("BLOB_UPLOAD_UNKNOWN", 404);
    await expect(stat(id)).rejects.toThrow(unknown);
    await expect(append(id, "x")).rejects.toThrow(unknown);
    await expect(finish(id, blob("x"), "x")).rejects.toThrow(unknown);
    await expect(cancel(id)).rejects.toThrow(unknown);
  }
});

describe("a chunk", () => {
  it.each<[string, number]>([
    ["before", 2],
    ["after", 6],
  ])("that begins %s the end of the session is rejected with the session's offset", async (_, first) => {
    const id = await start();
    await append(id, "01234");
    const error = await rejection(append(id, "xyz", first));
    expect(error).toBeInstanceOf(ChunkOutOfOrderError);
    expect(error).toMatchObject({ status: 416, code: "BLOB_UPLOAD_INVALID", progress: { id, size: 5 } });
    await finish(id, CONTENT, "56789", 5);
    await expectStored(CONTENT);
  });

  it("that is sent twice is rejected the second time, and the session continues", async () => {
    const id = await start();
    await append(id, "01234", 0);
    expect(await rejection(append(id, "01234", 0))).toMatchObject({ status: 416, progress: { size: 5 } });
    await finish(id, CONTENT, "56789", 5);
    await expectStored(CONTENT);
  });

  it("that begins beyond an empty session is rejected", async () => {
    const id = await start();
    expect(await rejection(append(id, "x", 3))).toMatchObject({ status: 416, progress: { size: 0 } });
  });

  it("sent out of order with the closing request is rejected, and the session remains", async () => {
    const id = await start();
    await append(id, "01234");
    expect(await rejection(finish(id, CONTENT, "56789", 6))).toMatchObject({
      status: 416,
      progress: { size: 5 },
    });
    await finish(id, CONTENT, "56789", 5);
    await expectStored(CONTENT);
  });

  it.each<[string, string]>([
    ["shorter", "0123"],
    ["longer", "0123456"],
  ])("that is %s than its range is rejected, and does not change the session", async (_, text) => {
    const id = await start();
    await append(id, "01234");
    const range = { first: 5, last: 9 };
    const wrong = appendChunk(memory.registry, repository.name, id, { body: bodyOf(text), range });
    await expect(wrong).rejects.toThrow(ociError("SIZE_INVALID", 400));
    expect(await stat(id)).toMatchObject({ size: 5 });
    await finish(id, CONTENT, "56789", 5);
    await expectStored(CONTENT);
  });

  it("that is interrupted is discarded, and the session continues", async () => {
    const id = await start();
    await append(id, "01234");
    await expect(append(id, "56789", undefined, interruptedBody(noise(3)))).rejects.toThrow(
      "the client has gone",
    );
    expect(await stat(id)).toMatchObject({ size: 5 });
    await finish(id, CONTENT, "56789", 5);
    await expectStored(CONTENT);
  });

  it("is accepted when it is the first of two concurrent chunks, and the other is rejected with the session's offset", async () => {
    const id = await start();
    await append(id, "01");
    const outcomes = await Promise.allSettled([append(id, "234", 2), append(id, "234", 2)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(ChunkOutOfOrderError);
    }
    expect(await stat(id)).toMatchObject({ size: 5 });
    await finish(id, CONTENT, "56789", 5);
    await expectStored(CONTENT);
  });
});

describe("a closing request", () => {
  it.each<[string, string | undefined, string | undefined]>([
    ["all bytes came in a chunk", "0123456789", undefined],
    ["all bytes came with the closing request", undefined, "0123456789"],
    ["the bytes came with both", "01234", "56789"],
  ])("with a wrong digest stores nothing, and ends a session that has bytes: %s", async (_, before, last) => {
    const id = await start();
    if (before !== undefined) await append(id, before);
    await expect(finish(id, blob("something else"), last)).rejects.toThrow(ociError("DIGEST_INVALID", 400));
    await expect(repository.sizeOf(CONTENT)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
    await expect(repository.sizeOf(blob("something else"))).rejects.toThrow(ociError("BLOB_UNKNOWN"));
    if (before !== undefined) await expect(stat(id)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
  });

  it("that repeats one in progress is rejected until the first has ended, and then succeeds", async () => {
    const id = await start();
    await append(id, "01234");
    const rest = Promise.withResolvers<void>();
    const slowBody = async function* () {
      yield Buffer.from("567");
      await rest.promise;
      yield Buffer.from("89");
    };
    const chunk = { body: slowBody(), range: undefined };
    const first = finishUpload(memory.registry, repository.name, id, CONTENT.digest, chunk);
    const error = await rejection(finish(id, CONTENT, "56789"));
    expect(error).toBeInstanceOf(UploadInUseError);
    expect(error).toMatchObject({ code: "TOOMANYREQUESTS", status: 429 });
    rest.resolve();
    await (error as UploadInUseError).ended;
    await finish(id, CONTENT, "56789");
    await first;
    await expectStored(CONTENT);
  });

  it.each(["append", "commit"])(
    "can be retried with its last chunk when the store fails to %s",
    async (method) => {
      const id = await start();
      await append(id, "01234", 0);
      const failing = withInterceptor(memory.registry, async (call, run) => {
        if (call.method === method) throw new Error("no network");
        return await run();
      });
      const chunk = { body: bodyOf("56789"), range: { first: 5, last: 9 } };
      const failed = finishUpload(failing, repository.name, id, CONTENT.digest, chunk);
      await expect(failed).rejects.toThrow("no network");
      expect(await stat(id)).toMatchObject({ size: 5 });
      await finish(id, CONTENT, "56789", 5);
      await expectStored(CONTENT);
    },
  );

  it("during a chunk causes no server error", async () => {
    const id = await start();
    await append(id, "01234");
    const outcomes = await Promise.allSettled([append(id, "56789"), finish(id, blob("01234"))]);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ name: "OciError" });
    }
  });
});
