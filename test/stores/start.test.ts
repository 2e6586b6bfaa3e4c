import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AwsLocation, createLocation } from "../../local-cloud/support/aws-location.ts";
import { freePort } from "../../local-cloud/support/processes.ts";
import { Command, dockless } from "../support/command.ts";

let location: AwsLocation;
let options: Readonly<Record<string, string>>;

beforeAll(async () => {
  location = await createLocation();
  options = {
    bucket: location.bucket,
    table: location.table,
    "endpoint-s3": location.endpoints.s3Url,
    "endpoint-dynamodb": location.endpoints.dynamoUrl,
  };
});

interface Setting {
  readonly options?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

function argsWith(changed: Readonly<Record<string, string>> = {}): readonly string[] {
  const all = Object.entries({ port: "0", ...options, ...changed });
  return ["serve", ...all.map(([name, value]) => `--${name}=${value}`)];
}

async function expectRefusal({ options: changed, env }: Setting, parts: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await dockless(argsWith(changed), { env: env ?? {} });
  expect(stderr).toMatch(/^dockless: [^\n]+\n$/);
  for (const part of parts) expect(stderr).toContain(part);
  expect([code, stdout]).toEqual([1, ""]);
}

describe("dockless serve on S3 and DynamoDB", () => {
  it("starts with an existing bucket and table, and prints only its address", async () => {
    const command = new Command(argsWith());
    try {
      await expect.poll(() => command.stdout, { timeout: 10_000 }).toMatch(/listening on .*\n/);
      expect(command.stderr).toBe("");
    } finally {
      await command.kill();
    }
  });

  it.each<[string, Setting, readonly string[]]>([
    [
      "when the bucket does not exist",
      { options: { bucket: "none-such" } },
      [
        "bucket none-such at http:",
        "does not exist",
        "`dockless init --bucket none-such --table test-",
        "--bucket",
      ],
    ],
    [
      "when the table does not exist",
      { options: { table: "none-such" } },
      [
        "table none-such at http:",
        "does not exist",
        " --table none-such",
        "`dockless init --bucket test-",
        "--table",
      ],
    ],
    [
      "when the name of the bucket is invalid",
      { options: { bucket: "None_Such" } },
      ["None_Such", "--bucket"],
    ],
    [
      "when the name of the table is invalid",
      { options: { table: "x" } },
      ["table x is unusable", "--table"],
    ],
    ["when the secret is wrong", { env: { AWS_SECRET_ACCESS_KEY: "wrong" } }, ["S3 rejected", "AWS_PROFILE"]],
    ["when the access key is unknown", { env: { AWS_ACCESS_KEY_ID: "unknown" } }, ["access key"]],
    [
      "when there are no credentials",
      { env: { AWS_ACCESS_KEY_ID: "", AWS_CONFIG_FILE: "/none", AWS_SHARED_CREDENTIALS_FILE: "/none" } },
      ["no AWS credentials", "AWS_PROFILE"],
    ],
    ["when the region is wrong", { options: { region: "eu-west-1" } }, ["another region", "--region"]],
    [
      "when no region is configured",
      { env: { AWS_REGION: "", AWS_CONFIG_FILE: "/none" } },
      ["no AWS region", "--region"],
    ],
    [
      "when the host of S3's endpoint does not resolve",
      { options: { "endpoint-s3": "http://s3.invalid" } },
      ["S3 at http://s3.invalid is unreachable", "--endpoint-s3"],
    ],
    [
      "when the host of DynamoDB's endpoint does not resolve",
      { options: { "endpoint-dynamodb": "http://dynamodb.invalid" } },
      ["DynamoDB at http://dynamodb.invalid is unreachable", "--endpoint-dynamodb"],
    ],
  ])("does not start, and reports the reason in one line, %s", async (_, setting, parts) => {
    await expectRefusal(setting, parts);
  });

  it("does not start when nothing listens at an endpoint", async () => {
    const unreachable = `http://127.0.0.1:${await freePort()}`;
    for (const [service, option] of [
      ["S3", "endpoint-s3"],
      ["DynamoDB", "endpoint-dynamodb"],
    ] as const) {
      const parts = [`${service} at ${unreachable} is unreachable`, "ECONNREFUSED", `--${option}`];
      await expectRefusal({ options: { [option]: unreachable } }, parts);
    }
  });
});

/** Error responses of AWS that the servers of these tests do not send. */
describe("dockless serve does not start when AWS returns", () => {
  let nextResponse = { status: 400, body: "" };
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(nextResponse.status).end(nextResponse.body));
  });
  let url: string;
  beforeAll(async () => {
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${port}`;
  });
  afterAll(() => server.close());

  it.each([
    [403, "AccessDenied", ["lack permissions on bucket"]],
    [403, "InvalidAccessKeyId", ["S3 rejected", "AWS_PROFILE"]],
    [403, "ExpiredToken", ["S3 rejected", "AWS_PROFILE"]],
    [301, "PermanentRedirect", ["another region", "--region"]],
    [500, "InternalError", ["S3 at http:", "is unreachable"]],
  ])("%d %s from S3", async (status, code, parts) => {
    const message = "<Message>in these\nwords</Message>";
    nextResponse = { status, body: `<?xml version="1.0"?><Error><Code>${code}</Code>${message}</Error>` };
    await expectRefusal({ options: { "endpoint-s3": url } }, [...parts, "in these"]);
  });

  it("but starts when S3 throttles, because the bucket exists", async () => {
    nextResponse = { status: 503, body: "<Error><Code>SlowDown</Code></Error>" };
    const command = new Command(argsWith({ "endpoint-s3": url }));
    try {
      await expect.poll(() => command.stdout, { timeout: 20_000 }).toMatch(/listening on .*\n/);
    } finally {
      await command.kill();
    }
  });

  it.each([
    [400, "AccessDeniedException", ["lack permissions on table"]],
    [400, "UnrecognizedClientException", ["DynamoDB rejected", "AWS_PROFILE"]],
    [400, "ExpiredTokenException", ["DynamoDB rejected", "AWS_PROFILE"]],
    [400, "InvalidSignatureException", ["DynamoDB rejected", "AWS_PROFILE"]],
    [400, "ValidationException", ["is unusable", "--table"]],
    [500, "InternalServerError", ["DynamoDB at http:", "is unreachable"]],
  ])("%d %s from DynamoDB", async (status, name, parts) => {
    nextResponse = {
      status,
      body: JSON.stringify({ __type: `com.amazonaws#${name}`, message: "in these\nwords" }),
    };
    await expectRefusal({ options: { "endpoint-dynamodb": url } }, [...parts, "in these"]);
  });
});
