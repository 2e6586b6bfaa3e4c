import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Body } from "../../lib/ports/body.ts";
import { S3Blobs } from "../../lib/storage/s3/blobs.ts";
import { createS3Client } from "../../lib/storage/s3/client.ts";
import { PartMemory } from "../../lib/storage/s3/multipart/part-memory.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";
import { digestOf } from "../support/content.ts";

const CHUNK = Buffer.alloc(1024 * 1024);

let server: ListeningServer;

beforeEach(async () => {
  server = await listen(createServer(response));
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIATEST");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
});

/** Rejects the start of multipart uploads in one bucket, and every part in the other. */
function response({ url = "", method }: IncomingMessage, response: ServerResponse): void {
  if (url.startsWith("/no-uploads/") || method === "PUT") response.writeHead(403).end();
  else response.end("<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>");
}

it.each(["no-uploads", "no-parts"])("closes the body of a failed upload, in the bucket %s", async (name) => {
  let isFreed = false;
  async function* endless(): Body {
    try {
      for (;;) yield CHUNK;
    } finally {
      isFreed = true;
    }
  }
  const client = createS3Client({ region: "us-east-1", endpoint: server.url });
  await expect(
    new S3Blobs({ client, name, memory: new PartMemory() }).put(digestOf(CHUNK), endless()),
  ).rejects.toThrow();
  client.destroy();
  expect(isFreed).toBe(true);
});
