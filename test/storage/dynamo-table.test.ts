import { createServer } from "node:http";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { protectTable } from "../../lib/storage/dynamodb/table.ts";
import { listen } from "../../local-cloud/support/listen.ts";

const NOT_YET = {
  __type: "com.amazonaws.dynamodb.v20120810#ContinuousBackupsUnavailableException",
  message: "later",
};
const ENABLED = { TimeToLiveDescription: { TimeToLiveStatus: "ENABLED" } };

it("enabling table protection is retried every two seconds until the new table supports it", async () => {
  const operations: string[] = [];
  const times: number[] = [];
  const server = await listen(
    createServer((incoming, outgoing) => {
      const operation = String(incoming.headers["x-amz-target"]).replace(/^.*\./, "");
      operations.push(operation);
      times.push(performance.now());
      const isTooSoon = operations.length === 1;
      outgoing.writeHead(isTooSoon ? 400 : 200, { "content-type": "application/x-amz-json-1.0" });
      outgoing.end(JSON.stringify(isTooSoon ? NOT_YET : ENABLED));
    }),
  );
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  const client = new DynamoDBClient({ endpoint: server.url, region: "eu-central-1", credentials });
  expect(await protectTable(client, "images")).toEqual([]);
  expect(operations).toEqual(["UpdateContinuousBackups", "UpdateContinuousBackups", "DescribeTimeToLive"]);
  const [first = 0, second = 0] = times;
  expect(second - first).toBeGreaterThan(1900);
  client.destroy();
  await server.stop();
});
