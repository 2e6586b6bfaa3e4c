import { expect, it } from "vitest";
import { administrationLines } from "../../local-cloud/administration.ts";

it("prints bucket, table and endpoints, and the commands to administer them", () => {
  const servers = {
    s3Url: "http://127.0.0.1:1",
    dynamoUrl: "http://127.0.0.1:2",
    env: { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" },
  };
  const variables = { DOCKLESS_BUCKET: "blobs", DOCKLESS_TABLE: "records" };
  expect(administrationLines({ servers, variables })).toEqual([
    "bucket blobs",
    "table records",
    "s3 on http://127.0.0.1:1",
    "dynamodb on http://127.0.0.1:2",
    "to administer: export AWS_ACCESS_KEY_ID=key AWS_SECRET_ACCESS_KEY=secret AWS_REGION=us-east-1 " +
      "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:2 AWS_ENDPOINT_URL_S3=http://127.0.0.1:1",
    "then, for example: npm run -s dockless -- user add me --table records --region us-east-1",
  ]);
});
