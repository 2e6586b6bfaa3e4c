import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StorageBusyError, StorageUnavailableError } from "../../../lib/ports/storage-errors.ts";
import { PartMemory } from "../../../lib/storage/s3/multipart/part-memory.ts";
import { upload } from "../../../lib/storage/s3/multipart/upload.ts";
import { bodyOf } from "../../support/content.ts";

const MEBIBYTE = 1024 * 1024;
const PART = 8 * MEBIBYTE;
const INSPECTION = { observe: () => undefined, verify: () => undefined };

interface Sent {
  readonly command: string;
  readonly input: { readonly Key?: string; readonly Body?: Uint8Array };
}

let client: S3Client;
let sent: Sent[];
/** Returns the response of S3 to a command; a returned error is thrown. */
let response: (command: string) => object | Promise<object>;

beforeEach(() => {
  client = new S3Client({ region: "us-east-1" });
  sent = [];
  response = () => ({});
  client.middlewareStack.add(
    (_, { commandName: command = "" }) =>
      async ({ input }) => {
        sent.push({ command, input: input as Sent["input"] });
        const output = { UploadId: "1", $metadata: { attempts: 1 }, ...(await response(command)) };
        if ("error" in output) throw output.error;
        return { output, response: undefined };
      },
    { step: "initialize" },
  );
});
afterEach(() => client.destroy());

const store = (size: number, chunk = PART) => {
  const chunks = Array.from({ length: size / chunk }, () => new Uint8Array(chunk));
  return upload({ client, name: "bucket", memory: new PartMemory() }, "key", bodyOf(...chunks), INSPECTION);
};
const sentBy = (command: { readonly name: string }) =>
  sent.filter((one) => one.command === command.name).map(({ input }) => input);
const failure = (name: string) => ({
  error: new S3ServiceException({ name, $fault: "client", $metadata: {} }),
});

describe("the buffer of an object or part sent to S3", () => {
  it.each([
    ["is freed after the first attempt", 1000, 1, PutObjectCommand, [0]],
    ["is left to a failed attempt after a retry", 1000, 2, PutObjectCommand, [1000]],
    ["is freed after the first attempt of a part", 2 * PART, 1, UploadPartCommand, [0, 0]],
    ["is left to a failed attempt of a part", 2 * PART, 2, UploadPartCommand, [PART, PART]],
  ])("%s", async (_, size, attempts, command, lengths) => {
    response = () => ({ $metadata: { attempts } });
    expect(await store(size, Math.min(size, PART))).toBe(size);
    expect(sentBy(command).map(({ Body }) => Body?.length)).toEqual(lengths);
  });
});

it("parts are sent concurrently up to a total of 40 MiB", async () => {
  const pending: (() => void)[] = [];
  response = async (command) => {
    if (command === UploadPartCommand.name) await new Promise<void>((resolve) => pending.push(resolve));
    return {};
  };
  const stored = store(13 * PART);
  const sizes = () => sentBy(UploadPartCommand).map(({ Body }) => (Body?.length ?? 0) / MEBIBYTE);
  await vi.waitFor(() => expect(sizes()).toEqual([8, 32]));
  pending.shift()?.();
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(sizes()).toEqual([8, 32]);
  const releasing = setInterval(() => {
    for (const release of pending.splice(0)) release();
  }, 1);
  expect(await stored.finally(() => clearInterval(releasing))).toBe(13 * PART);
  expect(sentBy(UploadPartCommand)).toHaveLength(4);
});

describe("a completion that fails", () => {
  /** S3 in which the completion fails, and the object exists or not. */
  const failing = (name: string, isThere: boolean) => (command: string) => {
    if (command === CompleteMultipartUploadCommand.name) return failure(name);
    if (command !== HeadObjectCommand.name) return {};
    return isThere ? { ContentLength: 2 * PART } : failure("NotFound");
  };

  it.each(["NoSuchUpload", "InvalidPart"])(
    "with %s counts as completed earlier when the object exists",
    async (name) => {
      response = failing(name, true);
      expect(await store(2 * PART)).toBe(2 * PART);
      expect(sentBy(HeadObjectCommand)).toEqual([{ Bucket: "bucket", Key: "key" }]);
      expect(sentBy(AbortMultipartUploadCommand)).toEqual([]);
    },
  );

  it.each<[string, boolean, unknown]>([
    ["NoSuchUpload", false, StorageUnavailableError],
    ["InvalidPart", false, StorageUnavailableError],
    ["SlowDown", true, StorageBusyError],
    ["InternalError", true, StorageUnavailableError],
    ["AccessDenied", true, S3ServiceException],
  ])("with %s (object exists: %s) aborts the upload", async (name, isThere, thrown) => {
    response = failing(name, isThere);
    await expect(store(2 * PART)).rejects.toBeInstanceOf(thrown);
    expect(sentBy(AbortMultipartUploadCommand)).toEqual([{ Bucket: "bucket", Key: "key", UploadId: "1" }]);
  });
});
