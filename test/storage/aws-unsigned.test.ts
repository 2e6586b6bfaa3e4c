import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseDigest } from "../../lib/oci/digest.ts";
import { bodyOf } from "../../lib/ports/body.ts";
import { S3Blobs } from "../../lib/storage/s3/blobs.ts";
import { PartMemory } from "../../lib/storage/s3/multipart/part-memory.ts";
import { clientsOf, newPlace } from "../../local-cloud/support/aws-place.ts";
import { digestOfBytes } from "../soak/support/content.ts";

const MEBIBYTE = 1024 * 1024;
const CHECKSUM = "x-amz-checksum-crc32";

interface SentBody {
  readonly command: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** Returns the requests that sent a blob's bytes. */
async function sentFor(size: number): Promise<readonly SentBody[]> {
  const location = await newPlace();
  const { s3, dynamo } = clientsOf(location);
  const sent: SentBody[] = [];
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        if (CHECKSUM in headers) sent.push({ command: commandName, headers });
        return await next(args);
      },
    { step: "deserialize" },
  );
  const bytes = randomBytes(size);
  await new S3Blobs({ client: s3, name: location.bucket, memory: new PartMemory() }).put(
    parseDigest(digestOfBytes([bytes])),
    bodyOf(bytes),
  );
  s3.destroy();
  dynamo.destroy();
  return sent;
}

describe("bytes sent to S3", () => {
  it.each([
    ["one object", 1000, ["PutObjectCommand"]],
    ["parts", 9 * MEBIBYTE, ["UploadPartCommand", "UploadPartCommand"]],
  ])(
    "sent as %s are excluded from the signature, but their checksum is signed",
    async (_how, size, commands) => {
      const sent = await sentFor(size);
      expect(sent.map(({ command }) => command)).toEqual(commands);
      for (const { headers } of sent) {
        expect(headers["x-amz-content-sha256"]).toBe("UNSIGNED-PAYLOAD");
        expect(headers["authorization"]).toMatch(/SignedHeaders=[^,]*x-amz-checksum-crc32/);
      }
    },
  );
});
