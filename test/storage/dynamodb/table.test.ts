import {
  DynamoDBClient,
  DynamoDBServiceException,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { afterEach, describe, expect, it } from "vitest";
import { ensureTable, protectTable } from "../../../lib/storage/dynamodb/table.ts";

const clients: DynamoDBClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** Creates a client whose calls have these responses in turn, and throw those that are errors. */
function clientOf(responses: Readonly<Record<string, readonly object[]>>) {
  const client = new DynamoDBClient({ region: "eu-central-1" });
  clients.push(client);
  const sent: string[] = [];
  client.middlewareStack.add(
    (_, { commandName = "" }) =>
      async () => {
        const name = commandName.replace("Command", "");
        sent.push(name);
        const calls = sent.filter((one) => one === name).length;
        const response = responses[name]?.[calls - 1] ?? {};
        if (response instanceof Error) throw response;
        return { output: { $metadata: {}, ...response }, response: undefined };
      },
    { step: "initialize" },
  );
  return { client, sent };
}

const refused = (name: string) => new DynamoDBServiceException({ name, $fault: "client", $metadata: {} });
const MISSING = new ResourceNotFoundException({ message: "missing", $metadata: {} });
const IN_USE = new ResourceInUseException({ message: "in use", $metadata: {} });
const ACTIVE = { Table: { TableStatus: "ACTIVE" } };

describe("a table", () => {
  it.each([
    ["that is missing is created", [MISSING, ACTIVE], {}, true],
    ["that another process creates at the same time is not created", [MISSING, ACTIVE], IN_USE, false],
  ])("%s, and the caller waits for it", async (_, descriptions, creation, isCreated) => {
    const { client, sent } = clientOf({ DescribeTable: descriptions, CreateTable: [creation] });
    expect(await ensureTable(client, "images")).toBe(isCreated);
    expect(sent).toEqual(["DescribeTable", "CreateTable", "DescribeTable"]);
  });

  it("that exists is not created, but the caller waits for it", async () => {
    const { client, sent } = clientOf({ DescribeTable: [ACTIVE, ACTIVE] });
    expect(await ensureTable(client, "images")).toBe(false);
    expect(sent).toEqual(["DescribeTable", "DescribeTable"]);
  });

  it.each([
    ["described", { DescribeTable: [refused("AccessDeniedException")] }],
    ["created", { DescribeTable: [MISSING], CreateTable: [refused("AccessDeniedException")] }],
  ])("that may not be %s fails with the error of DynamoDB", async (_, responses) => {
    const { client } = clientOf(responses);
    await expect(ensureTable(client, "images")).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});

describe("the protection of a table", () => {
  it.each([
    ["ENABLED", ["UpdateContinuousBackups", "DescribeTimeToLive"]],
    ["DISABLED", ["UpdateContinuousBackups", "DescribeTimeToLive", "UpdateTimeToLive"]],
  ])("enables the expiry of records when it is not enabled: %s", async (status, expected) => {
    const TimeToLiveDescription = { TimeToLiveStatus: status };
    const { client, sent } = clientOf({ DescribeTimeToLive: [{ TimeToLiveDescription }] });
    expect(await protectTable(client, "images")).toEqual([]);
    expect(sent).toEqual(expected);
  });

  it("reports features that the service does not support", async () => {
    const unknown = refused("UnknownOperationException");
    const { client } = clientOf({ UpdateContinuousBackups: [unknown], DescribeTimeToLive: [unknown] });
    expect(await protectTable(client, "images")).toEqual(["point-in-time recovery", "time to live"]);
  });

  it.each(["UpdateContinuousBackups", "DescribeTimeToLive"])("fails when %s is rejected", async (name) => {
    const { client } = clientOf({ [name]: [refused("AccessDeniedException")] });
    await expect(protectTable(client, "images")).rejects.toMatchObject({ name: "AccessDeniedException" });
  });
});
