import {
  CopyObjectCommand,
  HeadObjectCommand,
  S3Client,
  S3ServiceException,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { concatenateObjects } from "../../../lib/storage/s3/multipart/copy.ts";
import { ociError } from "../../support/errors.ts";

const MEBIBYTE = 1024 * 1024;
const PART = 64 * MEBIBYTE;

interface Sent {
  readonly command: string;
  readonly input: Record<string, unknown>;
}

let client: S3Client;
let sent: Sent[];
/** Returns the response of S3 to a command; a returned error is thrown. */
let response: (command: string) => object;

beforeEach(() => {
  client = new S3Client({ region: "us-east-1" });
  sent = [];
  response = () => ({});
  client.middlewareStack.add(
    (_, { commandName = "" }) =>
      async ({ input }) => {
        sent.push({ command: commandName, input: { ...input } });
        const output = { UploadId: "1", CopyPartResult: { ETag: "e" }, ...response(commandName) };
        if ("error" in output) throw output.error;
        return { output: { ...output, $metadata: {} }, response: undefined };
      },
    { step: "initialize" },
  );
});
afterEach(() => client.destroy());

const copy = (...sizes: readonly number[]) => {
  const sources = sizes.map((size, index) => ({ key: `source-${index}`, size }));
  return concatenateObjects({ client, name: "bucket" }, sources, "target");
};
const inputsOf = (command: { readonly name: string }) =>
  sent.filter((one) => one.command === command.name).map(({ input }) => input);
const failure = (name: string) => ({
  error: new S3ServiceException({ name, $fault: "client", $metadata: {} }),
});

describe("a copy within S3", () => {
  it.each([[0], [1], [PART]])("of %d bytes is one call", async (size) => {
    await copy(size);
    expect(sent).toEqual([
      {
        command: CopyObjectCommand.name,
        input: { Bucket: "bucket", Key: "target", CopySource: "bucket/source-0" },
      },
    ]);
  });

  it.each<[readonly number[], readonly [number, number, number][]]>([
    [[PART + 1], [[0, 0, PART]]],
    [
      [2 * PART],
      [
        [0, 0, PART - 1],
        [0, PART, 2 * PART - 1],
      ],
    ],
    [
      [10 * MEBIBYTE, 5],
      [
        [0, 0, 10 * MEBIBYTE - 1],
        [1, 0, 4],
      ],
    ],
  ])("of %j bytes is done in parts", async (sizes, expected) => {
    await copy(...sizes);
    const parts = inputsOf(UploadPartCopyCommand);
    expect(parts.map(({ CopySource, CopySourceRange }) => [CopySource, CopySourceRange])).toEqual(
      expected.map(([source, first, last]) => [`bucket/source-${source}`, `bytes=${first}-${last}`]),
    );
    expect(parts.map(({ PartNumber }) => PartNumber)).toEqual(expected.map((_, index) => index + 1));
  });

  it("of 5 TiB has no more parts than S3 accepts", async () => {
    await copy(5 * 1024 * 1024 * MEBIBYTE);
    const { length } = inputsOf(UploadPartCopyCommand);
    expect(length).toBeGreaterThan(4000);
    expect(length).toBeLessThanOrEqual(10_000);
  });
});

describe("a copy whose source is missing", () => {
  const gone = (isThere: boolean) => (command: string) => {
    if (command === HeadObjectCommand.name) return isThere ? { ContentLength: 1 } : failure("NotFound");
    return failure("NoSuchKey");
  };

  it("counts as completed earlier when the target exists", async () => {
    response = gone(true);
    await copy(1);
    expect(sent.map(({ command }) => command)).toEqual([CopyObjectCommand.name, HeadObjectCommand.name]);
  });

  it("fails as an unknown upload when the target does not exist", async () => {
    response = gone(false);
    await expect(copy(1)).rejects.toThrow(ociError("BLOB_UPLOAD_UNKNOWN"));
  });

  it("is distinguished from other failures", async () => {
    response = () => failure("AccessDenied");
    await expect(copy(1)).rejects.toMatchObject({ name: "AccessDenied" });
    expect(sent).toHaveLength(1);
  });
});
