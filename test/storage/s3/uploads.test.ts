import { Readable } from "node:stream";
import {
  DeleteObjectsCommand,
  type DeleteObjectsCommandInput,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StagedUpload } from "../../../lib/ports/upload-store.ts";
import { PartMemory } from "../../../lib/storage/s3/multipart/part-memory.ts";
import { MIN_PART_SIZE } from "../../../lib/storage/s3/multipart/parts.ts";
import { S3Uploads } from "../../../lib/storage/s3/uploads.ts";
import { bodyOf, digestOf, noise } from "../../support/content.ts";
import { ociError } from "../../support/errors.ts";

const LARGE = noise(MIN_PART_SIZE);

interface Input {
  readonly Key?: string;
  readonly Body?: Uint8Array;
  readonly Delete?: DeleteObjectsCommandInput["Delete"];
}

let client: S3Client;
let uploads: S3Uploads;
let objects: Map<string, Buffer>;
let sent: { readonly command: string; readonly input: Input }[];

beforeEach(() => {
  client = new S3Client({ region: "us-east-1" });
  uploads = new S3Uploads({ client, name: "bucket", memory: new PartMemory() });
  objects = new Map();
  sent = [];
  client.middlewareStack.add(
    (_, { commandName: command = "" }) =>
      async (args) => {
        const input = args.input as Input;
        sent.push({ command, input });
        return { output: { ...(await respond(command, input)), $metadata: {} }, response: undefined };
      },
    { step: "initialize" },
  );
});
afterEach(() => client.destroy());

/** Stores, returns and deletes objects; a deletion takes longer than other calls. */
async function respond(command: string, { Key = "", Body, Delete }: Input): Promise<object> {
  if (command === PutObjectCommand.name) objects.set(Key, Buffer.from(Body ?? []));
  if (command === GetObjectCommand.name) return { Body: Readable.from([objects.get(Key)]) };
  if (command === DeleteObjectsCommand.name) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (const object of Delete?.Objects ?? []) objects.delete(object.Key ?? "");
  }
  return {};
}

const inputsOf = (command: { readonly name: string }) =>
  sent.filter((one) => one.command === command.name).map(({ input }) => input);

async function append(staged: StagedUpload, bytes: Uint8Array): Promise<StagedUpload> {
  return await uploads.append(staged, bodyOf(bytes));
}

describe("an upload session in S3", () => {
  it("stores the digest of its first chunk, and a hash state for further chunks", async () => {
    const first = await append(await uploads.begin("id", "sha256"), LARGE);
    expect(first).toMatchObject({ digest: digestOf(LARGE), hash: undefined });
    expect(await append(first, LARGE)).toMatchObject({ digest: undefined, hash: expect.any(Uint8Array) });
  });

  it("reads the bytes of its first chunk once", async () => {
    let staged = await append(await uploads.begin("id", "sha256"), LARGE);
    for (const reads of [1, 1]) {
      staged = await append(staged, LARGE);
      expect(inputsOf(GetObjectCommand)).toHaveLength(reads);
    }
  });

  it("deletes a small staged object before it returns from the chunk after the one that includes it", async () => {
    let staged = await append(await uploads.begin("id", "sha256"), Buffer.from("small"));
    const [small] = objects.keys();
    staged = await append(staged, LARGE);
    expect([...objects.keys()]).toContain(small);
    staged = await append(staged, LARGE);
    expect([...objects.keys()]).not.toContain(small);
    expect(objects.size).toBe(2);
  });

  it("deletes all its objects when it is discarded, a thousand per call", async () => {
    const names = Array.from({ length: 2001 }, (_, index) => `object-${index}`);
    const pieces = names.map((name) => [name, MIN_PART_SIZE]);
    const staged = { ...(await uploads.begin("id", "sha256")), pieces, replaced: ["replaced"] };
    await uploads.discard(staged);
    const batches = inputsOf(DeleteObjectsCommand).map(({ Delete }) => Delete);
    expect(batches.map((batch) => batch?.Objects?.length)).toEqual([1000, 1000, 2]);
    expect(batches.flatMap((batch) => batch?.Objects?.map(({ Key }) => Key))).toEqual(
      ["replaced", ...names].map((name) => `uploads/id/${name}`),
    );
    expect(batches.map((batch) => batch?.Quiet)).toEqual([true, true, true]);
  });

  it("deletes nothing when it is discarded before its first chunk", async () => {
    await uploads.discard(await uploads.begin("id", "sha256"));
    expect(sent).toEqual([]);
  });

  it("rejects a wrong digest before its first chunk", async () => {
    const commit = uploads.commit(await uploads.begin("id", "sha256"), digestOf(LARGE));
    await expect(commit).rejects.toThrow(ociError("DIGEST_INVALID"));
    expect(sent).toEqual([]);
  });
});
