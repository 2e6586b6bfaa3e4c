import { createServer } from "node:http";
import { DeleteObjectsCommand, PutObjectCommand, S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { StorageBusyError } from "../../../lib/ports/storage-errors.ts";
import { createChecksumProbe } from "../../../lib/storage/s3/checksum-probe.ts";
import { createS3Client } from "../../../lib/storage/s3/client.ts";
import { listen } from "../../../local-cloud/support/listen.ts";
import { digestOf } from "../../support/content.ts";

const client = new S3Client({ region: "us-east-1" });
const s3 = mockClient(client);
beforeEach(() => s3.reset());

const failure = (name: string) =>
  new S3ServiceException({ name, message: name, $fault: "client", $metadata: {} });
const newProbe = () => createChecksumProbe({ client, name: "bucket" });

it("the probe detects with one request that a server verifies checksums, when it rejects a wrong one", async () => {
  s3.on(PutObjectCommand).rejects(failure("BadDigest"));
  const probe = newProbe();
  expect([await probe(), await probe()]).toEqual([true, true]);
  const [call, ...others] = s3.commandCalls(PutObjectCommand);
  expect(others).toEqual([]);
  expect(call?.args[0].input.Key).toMatch(/^uploads\//);
  const sent = Buffer.from(call?.args[0].input.ChecksumSHA256 ?? "", "base64").toString("hex");
  expect(`sha256:${sent}`).toBe(digestOf(Buffer.alloc(0)));
  expect(call?.args[0].input.Body).toEqual(Buffer.from("x"));
});

it("the probe detects that a server ignores checksums, when it accepts a wrong one, and deletes the object", async () => {
  s3.on(PutObjectCommand).resolves({});
  s3.on(DeleteObjectsCommand).resolves({});
  expect(await newProbe()()).toBe(false);
  const stored = s3.commandCalls(PutObjectCommand)[0]?.args[0].input.Key;
  expect(s3.commandCalls(DeleteObjectsCommand).map(({ args }) => args[0].input.Delete?.Objects)).toEqual([
    [{ Key: stored }],
  ]);
});

it("the probe is repeated after a failure", async () => {
  s3.on(PutObjectCommand).rejectsOnce(failure("SlowDown")).rejects(failure("BadDigest"));
  const probe = newProbe();
  await expect(probe()).rejects.toBeInstanceOf(StorageBusyError);
  expect(await probe()).toBe(true);
});

it("has an unsigned body, as the blobs have: a server may verify signed bodies only", async () => {
  const signatures: unknown[] = [];
  const server = await listen(
    createServer((incoming, outgoing) => {
      signatures.push(incoming.headers["x-amz-content-sha256"]);
      outgoing.writeHead(400, { "content-type": "application/xml" });
      outgoing.end("<Error><Code>BadDigest</Code></Error>");
    }),
  );
  const credentials = async () => ({ accessKeyId: "AKIATEST", secretAccessKey: "secret" });
  const real = createS3Client({ region: "us-east-1", endpoint: server.url, credentials });
  expect(await createChecksumProbe({ client: real, name: "bucket" })()).toBe(true);
  expect(signatures).toEqual(["UNSIGNED-PAYLOAD"]);
  real.destroy();
  await server.stop();
});
