import { expect, it } from "vitest";
import { s3Price } from "../../bench/prices.ts";

it.each([
  ["S3 GetObject", 4e-7],
  ["S3 GetObject, by the client", 4e-7],
  ["S3 GetObject, presigned", 4e-7],
  ["S3 PutObject", 5e-6],
  ["S3 UploadPartCopy", 5e-6],
  ["S3 DeleteObjects", 0],
  ["DynamoDB GetItem", 0],
])("%s costs %d dollars", (kind, dollars) => {
  expect(s3Price(kind)).toBeCloseTo(dollars, 12);
});
