import { createServer } from "node:http";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { requestHandlerOptions } from "../../../lib/storage/aws-client.ts";
import { listen } from "../../../local-cloud/support/listen.ts";

it("a request without a response fails at its time limit", async () => {
  const server = await listen(createServer((_, outgoing) => setTimeout(() => outgoing.end(), 2000)));
  const client = new S3Client({
    ...{ region: "us-east-1", endpoint: server.url, maxAttempts: 1 },
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
    requestHandler: requestHandlerOptions(20, 1),
  });
  await expect(client.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: "TimeoutError" });
  client.destroy();
  await server.stop();
});
