import { setTimeout as sleep } from "node:timers/promises";
import {
  ContinuousBackupsUnavailableException,
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { EXPIRY_ATTRIBUTE, PARTITION_ATTRIBUTE, SORT_ATTRIBUTE } from "../../ports/record-keys.ts";

const MAX_WAIT_SECONDS = 120;
const BACKUPS_RETRY_DELAY_MILLISECONDS = 2000;

/** Returns the registry's table definition: docs/data-model.md */
function definition(table: string): CreateTableCommandInput {
  return {
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: PARTITION_ATTRIBUTE, KeyType: "HASH" },
      { AttributeName: SORT_ATTRIBUTE, KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: PARTITION_ATTRIBUTE, AttributeType: "S" },
      { AttributeName: SORT_ATTRIBUTE, AttributeType: "S" },
    ],
  };
}

/** Creates the table unless it exists. @returns whether it was created */
export async function ensureTable(client: DynamoDBClient, table: string): Promise<boolean> {
  const created = await create(client, table);
  await waitUntilTableExists({ client, maxWaitTime: MAX_WAIT_SECONDS }, { TableName: table });
  return created;
}

async function create(client: DynamoDBClient, table: string): Promise<boolean> {
  if (await exists(client, table)) return false;
  try {
    await client.send(new CreateTableCommand(definition(table)));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}

async function exists(client: DynamoDBClient, table: string): Promise<boolean> {
  try {
    await client.send(new DescribeTableCommand({ TableName: table }));
    return true;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

/**
 * Enables point-in-time recovery for 35 days, and expiry of records by `expiresAt`. Idempotent.
 * @returns features that a DynamoDB-compatible service does not support; empty on DynamoDB itself
 */
export async function protectTable(client: DynamoDBClient, table: string): Promise<readonly string[]> {
  const unsupported: string[] = [];
  if (!(await isSupported(() => keepBackups(client, table)))) unsupported.push("point-in-time recovery");
  if (!(await isSupported(() => enableExpiry(client, table)))) unsupported.push("time to live");
  return unsupported;
}

async function isSupported(step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === "UnknownOperationException") return false;
    throw error;
  }
}

/** Enables point-in-time recovery, with retries: a newly created table rejects the call for a while. */
async function keepBackups(client: DynamoDBClient, TableName: string): Promise<void> {
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  const end = performance.now() + MAX_WAIT_SECONDS * 1000;
  for (;;) {
    try {
      await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }));
      return;
    } catch (error) {
      if (!(error instanceof ContinuousBackupsUnavailableException) || performance.now() > end) throw error;
      await sleep(BACKUPS_RETRY_DELAY_MILLISECONDS);
    }
  }
}

async function enableExpiry(client: DynamoDBClient, TableName: string): Promise<void> {
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  if (TimeToLiveDescription?.TimeToLiveStatus === "ENABLED") return;
  const TimeToLiveSpecification = { AttributeName: EXPIRY_ATTRIBUTE, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
}
