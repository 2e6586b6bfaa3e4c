import { randomBytes } from "node:crypto";
import { type S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { parseDigest } from "../../lib/oci/digest.ts";
import { bodyOf } from "../../lib/ports/body.ts";
import { StorageUnavailableError } from "../../lib/ports/storage-errors.ts";
import { S3Blobs } from "../../lib/storage/s3/blobs.ts";
import { PartMemory } from "../../lib/storage/s3/multipart/part-memory.ts";
import { S3Uploads } from "../../lib/storage/s3/uploads.ts";
import { clientsOf, newPlace } from "../../local-cloud/support/aws-place.ts";
import { digestOfBytes } from "../soak/support/content.ts";

const CHUNK = 6 * 1024 * 1024;

/** Makes the next completion fail like a second one while the first, whose response was lost, is in progress. */
function refuseNextCompletion(client: S3Client, name: string): void {
  let isRefusing = true;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (!isRefusing || commandName !== "CompleteMultipartUploadCommand") return await next(args);
        isRefusing = false;
        throw new S3ServiceException({ name, $fault: "client", $metadata: {} });
      },
    { step: "initialize" },
  );
}

describe("a completion with an unknown outcome", () => {
  it.each(["NoSuchUpload", "InvalidPart"])(
    "reports %s as an outage, and keeps the staged object",
    async (name) => {
      const location = await newPlace();
      const { s3, dynamo } = clientsOf(location);
      const bucket = { client: s3, name: location.bucket, memory: new PartMemory() };
      const uploads = new S3Uploads(bucket);
      const bytes = randomBytes(2 * CHUNK);
      const digest = parseDigest(digestOfBytes([bytes]));
      const first = await uploads.append(
        await uploads.begin("session", "sha256"),
        bodyOf(bytes.subarray(0, CHUNK)),
      );
      const staged = await uploads.append(first, bodyOf(bytes.subarray(CHUNK)));

      refuseNextCompletion(s3, name);
      await expect(uploads.commit(staged, digest)).rejects.toThrow(StorageUnavailableError);
      await uploads.commit(staged, digest);

      expect(await new S3Blobs(bucket).stat(digest)).toEqual({ size: bytes.length });
      s3.destroy();
      dynamo.destroy();
    },
  );
});
