import { describe } from "vitest";
import { newPlace, openPlace } from "../../local-cloud/support/aws-place.ts";
import { interleavingsContract } from "../support/interleaving/contract.ts";

describe("clients of a registry on S3 and DynamoDB, concurrent and killed at any moment,", () => {
  interleavingsContract(async () => {
    const store = openPlace(await newPlace());
    return { store, reopen: async () => store, close: () => store.close() };
  }, 10);
});
