import {
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Body } from "../../../lib/ports/body.ts";
import { StorageBusyError, StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { fitsSinglePut, putSingle } from "../../../lib/storage/s3/single-put.ts";
import { blob, bodyOf, collect } from "../../support/content.ts";
import { ociError } from "../../support/errors.ts";

const { digest, bytes } = blob("some bytes");
const client = new S3Client({ region: "us-east-1" });
const s3 = mockClient(client);

beforeEach(() => s3.reset());
afterEach(() => {
  vi.useRealTimers();
});

const put = (body: Body = bodyOf(bytes), length = bytes.length) =>
  putSingle({ client, name: "bucket" }, "key", { digest, body, length });

function failure(name: string): S3ServiceException {
  return new S3ServiceException({ name, message: name, $fault: "client", $metadata: {} });
}

/** Reads the body of a request, as S3 does. */
async function receive({ Body }: PutObjectCommandInput) {
  await collect(Body as AsyncIterable<Uint8Array>);
  return {};
}

describe("a streamed object", () => {
  it("is sent in one request with the length and the checksum from the digest", async () => {
    const received: Buffer[] = [];
    s3.on(PutObjectCommand).callsFake(async ({ Body }: { Body: AsyncIterable<Uint8Array> }) => {
      received.push(await collect(Body));
      return {};
    });
    await put(bodyOf("some ", "bytes"));
    expect(received).toEqual([Buffer.from("some bytes")]);
    const [call, ...others] = s3.commandCalls(PutObjectCommand);
    expect(others).toEqual([]);
    expect(call?.args[0].input).toMatchObject({
      ...{ Bucket: "bucket", Key: "key", ContentLength: 10 },
      ChecksumSHA256: Buffer.from(digest.slice("sha256:".length), "hex").toString("base64"),
    });
  });

  it.each(["BadDigest", "XAmzContentChecksumMismatch"])(
    "with other bytes fails with DIGEST_INVALID after %s",
    async (name) => {
      s3.on(PutObjectCommand).callsFake(async (input) => {
        await receive(input);
        throw failure(name);
      });
      await expect(put()).rejects.toThrow(ociError("DIGEST_INVALID", 400));
      expect(s3.commandCalls(PutObjectCommand)).toHaveLength(1);
    },
  );

  it.each<[string, unknown]>([
    ["SlowDown", StorageBusyError],
    ["TimeoutError", StorageUnavailableError],
    ["AccessDenied", S3ServiceException],
  ])("is not retried after %s once its body has been read", async (name, thrown) => {
    s3.on(PutObjectCommand).callsFake(async (input) => {
      await receive(input);
      throw failure(name);
    });
    await expect(put()).rejects.toBeInstanceOf(thrown);
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(1);
  });

  it("is retried when S3 rejects the request before its body was read", async () => {
    s3.on(PutObjectCommand)
      .rejectsOnce(failure("SlowDown"))
      .rejectsOnce(failure("SlowDown"))
      .callsFake(receive);
    await put();
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(3);
  });

  it("is sent at most three times, and not retried after a permanent error", async () => {
    s3.on(PutObjectCommand).rejects(failure("SlowDown"));
    await expect(put()).rejects.toBeInstanceOf(StorageBusyError);
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(3);
    s3.reset();
    s3.on(PutObjectCommand).rejects(failure("AccessDenied"));
    await expect(put()).rejects.toThrow("AccessDenied");
    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(1);
  });

  it("closes its body when S3 rejects the request", async () => {
    let isClosed = false;
    async function* body(): Body {
      try {
        yield bytes.subarray(0, 5);
        yield bytes.subarray(5);
      } finally {
        isClosed = true;
      }
    }
    s3.on(PutObjectCommand).callsFake(async ({ Body }: { Body: AsyncIterable<Uint8Array> }) => {
      for await (const _ of Body) break;
      throw failure("AccessDenied");
    });
    await expect(put(body())).rejects.toThrow("AccessDenied");
    await vi.waitFor(() => expect(isClosed).toBe(true));
  });
});

describe("a streamed object without progress", () => {
  /** S3 that reads a number of chunks, and responds only when the request is aborted. */
  const stalledAfter =
    (chunks: number) => async (input: PutObjectCommandInput, options: () => AbortSignal) => {
      const iterator = (input.Body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
      for (let read = 0; read < chunks; read++) await iterator.next();
      const signal = options();
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    };

  it.each([
    ["in the middle of the body", 1, 20_000],
    ["after the body", 3, 60_000],
  ])("%s is aborted", async (_, chunks, milliseconds) => {
    vi.useFakeTimers();
    const send = stalledAfter(chunks);
    s3.on(PutObjectCommand).callsFake((input) =>
      send(input, () => Object(s3.call(0).args).at(1).abortSignal),
    );
    const result = put(bodyOf("some", " byt", "es")).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(milliseconds - 1);
    let isDone = false;
    void result.then(() => {
      isDone = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(isDone).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await result).toBeInstanceOf(StorageUnavailableError);
  });
});

describe("a body", () => {
  const SHA256 = digest;
  it.each([
    ["of 8 MiB", SHA256, 8 * 1024 * 1024, true],
    ["just below 8 MiB", SHA256, 8 * 1024 * 1024 - 1, false],
    ["of 5 GB", SHA256, 5_000_000_000, true],
    ["above 5 GB", SHA256, 5_000_000_001, false],
    ["with a sha512 digest", blob("x", "sha512").digest, 8 * 1024 * 1024, false],
  ])("%s is checked against the limits of a single PUT", (_, named, length, expected) => {
    expect(fitsSinglePut(named, length)).toBe(expected);
  });
});
