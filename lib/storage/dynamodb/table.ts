import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";

const WAIT_SECONDS = 120;

/** The table as the registry needs it: docs/data-model.md */
function definition(table: string): CreateTableCommandInput {
  return {
    TableName: table,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: [
      { AttributeName: "PK", KeyType: "HASH" },
      { AttributeName: "SK", KeyType: "RANGE" },
    ],
    AttributeDefinitions: [
      { AttributeName: "PK", AttributeType: "S" },
      { AttributeName: "SK", AttributeType: "S" },
    ],
  };
}

/** Creates the table unless it exists. @returns whether it was created */
export async function ensureTable(client: DynamoDBClient, table: string): Promise<boolean> {
  const created = await create(client, table);
  await waitUntilTableExists({ client, maxWaitTime: WAIT_SECONDS }, { TableName: table });
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

/** Lets records vanish after their `expiresAt`, and keeps backups of the last 35 days. Both are safe to repeat. */
export async function protectTable(client: DynamoDBClient, table: string): Promise<void> {
  await client.send(
    new UpdateContinuousBackupsCommand({
      TableName: table,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    }),
  );
  await enableExpiry(client, table);
}

async function enableExpiry(client: DynamoDBClient, TableName: string): Promise<void> {
  const TimeToLiveSpecification = { AttributeName: "expiresAt", Enabled: true };
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    const isOn = error instanceof Error && error.message.includes("already enabled");
    if (!isOn) throw error;
  }
}
