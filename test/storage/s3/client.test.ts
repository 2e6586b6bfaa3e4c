import { createServer } from "node:http";
import { Readable } from "node:stream";
import { HeadBucketCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createS3Client } from "../../../lib/storage/s3/client.ts";
import { type ListeningServer, listen } from "../../../local-cloud/support/listen.ts";

const credentials = async () => ({ accessKeyId: "AKIATEST", secretAccessKey: "secret" });

let server: ListeningServer;
let code: string;
beforeEach(async () => {
  server = await listen(
    createServer((_, response) => {
      response.writeHead(400, { "content-type": "application/xml" });
      response.end(`<Error><Code>${code}</Code><Message>refused</Message></Error>`);
    }),
  );
});
afterEach(() => server.stop());

it.each([
  ["ExpiredToken", 1],
  ["AccessDenied", 0],
])("the client reports expired credentials to its listener, for %s", async (name, expected) => {
  code = name;
  let reports = 0;
  const onExpiredCredentials = () => {
    reports += 1;
  };
  const options = { region: "us-east-1", endpoint: server.url, credentials };
  const listened = createS3Client({ ...options, onExpiredCredentials });
  await expect(listened.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name });
  expect(reports).toBe(expected);
  const unlistened = createS3Client(options);
  await expect(unlistened.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name });
  await expect(unlistened.send(new HeadBucketCommand({ Bucket: "b" }))).rejects.toThrow();
  for (const client of [listened, unlistened]) client.destroy();
});

it("prints nothing when S3 rejects a streamed body: a client could otherwise write to the log", async () => {
  code = "BadDigest";
  const print = vi.spyOn(console, "warn").mockReturnValue();
  const client = createS3Client({ region: "us-east-1", endpoint: server.url, credentials });
  const Body = Readable.from([Buffer.from("x")], { objectMode: false });
  const sent = client.send(
    new PutObjectCommand({ Bucket: "b", Key: "k", Body, ContentLength: 1, ChecksumSHA256: "AA==" }),
  );
  await expect(sent).rejects.toMatchObject({ name: "BadDigest" });
  expect(print).not.toHaveBeenCalled();
  print.mockRestore();
  client.destroy();
});
