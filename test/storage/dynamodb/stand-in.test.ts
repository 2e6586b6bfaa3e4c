import { describe } from "vitest";
import { DynamoRecords } from "../../../lib/storage/dynamodb/records.ts";
import { recordsContract } from "../../support/contracts/records-contract.ts";
import { DynamoStandIn } from "../../support/stand-ins/dynamodb.ts";

describe("records in DynamoDB, on the stand-in that counts capacity units", () => {
  recordsContract(async () => {
    const client = new DynamoStandIn();
    const open = () => new DynamoRecords({ client, table: "records" });
    return { store: open(), reopen: async () => open(), close: async () => client.destroy() };
  });
});
