import { describe } from "vitest";
import { createLocation, openLocation } from "../../local-cloud/support/aws-location.ts";
import { interleavingsContract } from "../support/interleaving/contract.ts";

describe("concurrent clients of a registry on S3 and DynamoDB that are killed at any point", () => {
  interleavingsContract(async () => {
    const store = openLocation(await createLocation());
    return { store, reopen: async () => store, close: () => store.close() };
  }, 10);
});
