import { DynamoDBClient, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { ensureTable, protectTable } from "../../../lib/storage/dynamodb/table.ts";
import { protectBucket } from "../../../lib/storage/s3/setup.ts";

/** Returns the calls of `dockless init` to S3 and DynamoDB: inputs by the names of operations. No request is sent. */
export async function initCalls(): Promise<Readonly<Record<string, unknown>>> {
  const calls: Record<string, unknown> = {};
  const options = { region: "us-east-1", credentials: { accessKeyId: "none", secretAccessKey: "none" } };
  const s3 = new S3Client(options);
  const dynamo = new DynamoDBClient(options);
  const record = (operation: string, input: unknown) => {
    calls[operation.replace(/Command$/, "")] = input;
    return { response: {}, output: responseOf(operation, calls) };
  };
  s3.middlewareStack.add(
    (_next, { commandName = "" }) =>
      async ({ input }) =>
        record(commandName, input),
  );
  dynamo.middlewareStack.add(
    (_next, { commandName = "" }) =>
      async ({ input }) =>
        record(commandName, input),
  );
  await protectBucket({ client: s3, name: "bucket" });
  await ensureTable(dynamo, "table");
  await protectTable(dynamo, "table");
  return calls;
}

/** Returns the response of an operation, as if no table existed until one is created. */
function responseOf(operation: string, calls: Readonly<Record<string, unknown>>) {
  const $metadata = {};
  if (operation !== "DescribeTableCommand") return { $metadata };
  if (calls["CreateTable"] === undefined)
    throw new ResourceNotFoundException({ message: "no table", $metadata });
  return { $metadata, Table: { TableStatus: "ACTIVE" } };
}
