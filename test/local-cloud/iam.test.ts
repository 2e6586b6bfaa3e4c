import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDynamodbCall } from "../../local-cloud/iam/dynamodb-actions.ts";
import { startGuard } from "../../local-cloud/iam/guard.ts";
import { isAllowed, parsePolicy, type Statement } from "../../local-cloud/iam/policy.ts";
import { parseS3Call } from "../../local-cloud/iam/s3-actions.ts";
import { SERVICES } from "../../local-cloud/iam/services.ts";
import { sendRequest } from "../../local-cloud/send-request.ts";
import { FunctionStats } from "../../local-cloud/stats.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";

describe("a policy", () => {
  const statements = parsePolicy({
    Statement: [
      { Effect: "Allow", Action: ["s3:Get*", "s3:PutObject"], Resource: "arn:aws:s3:::b/blobs/*" },
      { Effect: "Allow", Action: "dynamodb:Query", Resource: ["arn:t", "arn:t/index/?"] },
      { Effect: "Deny", Action: "*", Resource: "arn:aws:s3:::b/blobs/secret*" },
      { Effect: "Allow", NotAction: "s3:*", Resource: "arn:other" },
    ],
  });
  it.each([
    ["s3:GetObject", "arn:aws:s3:::b/blobs/sha256/x", true],
    ["S3:getobject", "arn:aws:s3:::b/blobs/sha256/x", true],
    ["s3:GetObject", "arn:aws:s3:::b/uploads/x", false],
    ["s3:GetObject", "arn:aws:s3:::B/blobs/x", false],
    ["s3:DeleteObject", "arn:aws:s3:::b/blobs/x", false],
    ["s3:GetObject", "arn:aws:s3:::b/blobs/secret", false],
    ["dynamodb:Query", "arn:t", true],
    ["dynamodb:Query", "arn:t/index/a", true],
    ["dynamodb:Query", "arn:t/index/ab", false],
    ["dynamodb:Anything", "arn:other", true],
    ["s3:GetObject", "arn:other", false],
  ])("for %s on %s returns %s", (action, resource, allowed) => {
    expect(isAllowed(statements, { action, resource })).toBe(allowed);
  });

  const item = (PK: string) => ({ PK: { S: PK }, SK: { S: "x" } });
  const queried = (PK: string) => ({
    TableName: "t",
    KeyConditionExpression: "PK = :partition AND SK BETWEEN :first AND :last",
    ExpressionAttributeValues: { ":partition": { S: PK }, ":first": { S: "secrets" }, ":last": { S: "t" } },
  });

  describe("that denies a partition", () => {
    const condition = { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": ["secrets"] } };
    const narrowed = parsePolicy({
      Statement: [
        { Effect: "Allow", Action: "dynamodb:*", Resource: "*" },
        { Effect: "Deny", Action: "dynamodb:*", Resource: "*", Condition: condition },
      ],
    });
    it.each<[string, object, boolean]>([
      ["GetItem", { TableName: "t", Key: item("secrets") }, false],
      ["GetItem", { TableName: "t", Key: item("keys") }, true],
      ["Query", queried("secrets"), false],
      ["Query", queried("keys"), true],
      ["BatchGetItem", { RequestItems: { t: { Keys: [item("keys"), item("secrets")] } } }, false],
      ["BatchGetItem", { RequestItems: { t: { Keys: [item("keys")] } } }, true],
      ["TransactWriteItems", { TransactItems: [{ Put: { TableName: "t", Item: item("secrets") } }] }, false],
    ])("for %s with %j returns %5$s", (operation, input, allowed) => {
      expect(isCallAllowed(narrowed, operation, input)).toBe(allowed);
    });
  });

  describe("that allows only one partition", () => {
    const Condition = { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["access"] } };
    const narrow = parsePolicy({
      Statement: { Effect: "Allow", Action: "dynamodb:*", Resource: "*", Condition },
    });
    const putting = (...partitions: readonly string[]) => ({
      TransactItems: partitions.map((PK) => ({ Put: { TableName: "t", Item: item(PK) } })),
    });
    it.each<[string, object, boolean]>([
      ["PutItem", { TableName: "t", Item: item("access") }, true],
      ["PutItem", { TableName: "t", Item: item("keys") }, false],
      ["Query", queried("access"), true],
      ["Query", queried("secrets"), false],
      ["BatchGetItem", { RequestItems: { t: { Keys: [item("access"), item("secrets")] } } }, false],
      ["TransactWriteItems", putting("access", "access"), true],
      ["TransactWriteItems", putting("access", "secrets"), false],
    ])("for %s with %j returns %5$s", (operation, input, allowed) => {
      expect(isCallAllowed(narrow, operation, input)).toBe(allowed);
    });
  });

  it.each([
    [
      "two conditions",
      {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { "ForAnyValue:StringEquals": {}, Bool: {} },
      },
    ],
    [
      "a condition on another key",
      {
        Effect: "Allow",
        Action: "*",
        Resource: "*",
        Condition: { "ForAllValues:StringEquals": { "dynamodb:Attributes": ["x"] } },
      },
    ],
    ["another condition", { Effect: "Allow", Action: "*", Resource: "*", Condition: { Bool: {} } }],
    ["an effect of another kind", { Effect: "Maybe", Action: "*", Resource: "*" }],
    ["no resource", { Effect: "Allow", Action: "*" }],
  ])("with %s is rejected", (_, Statement) => {
    expect(() => parsePolicy({ Statement })).toThrow();
  });
});

function isCallAllowed(statements: readonly Statement[], operation: string, input: object): boolean {
  const headers = { "x-amz-target": `DynamoDB_20120810.${operation}` };
  const { requiredPermissions } = parseDynamodbCall({
    method: "POST",
    url: "/",
    headers,
    body: JSON.stringify(input),
  });
  return requiredPermissions.every((permission) => isAllowed(statements, permission));
}

describe("a request to S3", () => {
  const key = "arn:aws:s3:::b/blobs/x";
  const source = { "x-amz-copy-source": "b/uploads/y" };
  it.each<[string, string, object, string, readonly string[]]>([
    ["GET", "/b/blobs/x", {}, "GetObject", [`s3:GetObject ${key}`]],
    [
      "GET",
      "/b/blobs/x?X-Amz-Signature=1&x-id=GetObject",
      {},
      "GetObject, presigned",
      [`s3:GetObject ${key}`],
    ],
    ["GET", "/b/blobs/x?versionId=1", {}, "GetObject", [`s3:GetObjectVersion ${key}`]],
    ["HEAD", "/b/blobs/x", {}, "HeadObject", [`s3:GetObject ${key}`]],
    ["PUT", "/b/blobs/x?x-id=PutObject", {}, "PutObject", [`s3:PutObject ${key}`]],
    [
      "PUT",
      "/b/blobs/x",
      { "x-amz-tagging": "a=b" },
      "PutObject",
      [`s3:PutObject ${key}`, `s3:PutObjectTagging ${key}`],
    ],
    [
      "PUT",
      "/b/blobs/x",
      source,
      "CopyObject",
      ["s3:GetObject arn:aws:s3:::b/uploads/y", `s3:PutObject ${key}`],
    ],
    ["POST", "/b/blobs/x?uploads=", {}, "CreateMultipartUpload", [`s3:PutObject ${key}`]],
    ["PUT", "/b/blobs/x?partNumber=1&uploadId=u", {}, "UploadPart", [`s3:PutObject ${key}`]],
    [
      "PUT",
      "/b/blobs/x?partNumber=1&uploadId=u",
      source,
      "UploadPartCopy",
      ["s3:GetObject arn:aws:s3:::b/uploads/y", `s3:PutObject ${key}`],
    ],
    ["POST", "/b/blobs/x?uploadId=u", {}, "CompleteMultipartUpload", [`s3:PutObject ${key}`]],
    ["DELETE", "/b/blobs/x?uploadId=u", {}, "AbortMultipartUpload", [`s3:AbortMultipartUpload ${key}`]],
    ["GET", "/b/blobs/x?uploadId=u", {}, "ListParts", [`s3:ListMultipartUploadParts ${key}`]],
    ["DELETE", "/b/blobs/x", {}, "DeleteObject", [`s3:DeleteObject ${key}`]],
    ["GET", "/b?list-type=2", {}, "ListObjectsV2", ["s3:ListBucket arn:aws:s3:::b"]],
    ["GET", "/b/?uploads", {}, "ListMultipartUploads", ["s3:ListBucketMultipartUploads arn:aws:s3:::b"]],
    ["HEAD", "/b", {}, "HeadBucket", ["s3:ListBucket arn:aws:s3:::b"]],
  ])("%s %s requires its actions", (method, url, headers, kind, permissions) => {
    const call = parseS3Call({ method, url, headers: { ...headers }, body: "" });
    expect(call.kind).toBe(`S3 ${kind}`);
    expect(call.requiredPermissions.map(({ action, resource }) => `${action} ${resource}`)).toEqual(
      permissions,
    );
  });

  it("that deletes several objects requires permission for each object", () => {
    const body = "<Delete><Object><Key>uploads/a</Key></Object><Object><Key>b&amp;c</Key></Object></Delete>";
    const { requiredPermissions } = parseS3Call({
      method: "POST",
      url: "/b/?delete=",
      headers: {},
      body,
    });
    expect(requiredPermissions.map(({ resource }) => resource)).toEqual([
      "arn:aws:s3:::b/uploads/a",
      "arn:aws:s3:::b/b&c",
    ]);
  });

  it.each(["/b/x?acl", "/b/x?tagging", "/b/x?retention"])("PUT %s is unsupported", (url) => {
    expect(() => parseS3Call({ method: "PUT", url, headers: {}, body: "" })).toThrow();
  });
});

describe("a request to DynamoDB", () => {
  const T = "arn:aws:dynamodb:us-east-1:000000000000:table/T";
  it.each<[string, object, readonly string[]]>([
    ["GetItem", { TableName: "T" }, [`GetItem ${T}`]],
    ["Query", { TableName: "T", IndexName: "I" }, [`Query ${T}/index/I`]],
    ["BatchGetItem", { RequestItems: { T: { Keys: [] } } }, [`BatchGetItem ${T}`]],
    [
      "TransactWriteItems",
      {
        TransactItems: [
          { Put: { TableName: "T" } },
          { Delete: { TableName: "T" } },
          { ConditionCheck: { TableName: "T" } },
          { Update: { TableName: "T" } },
        ],
      },
      [`PutItem ${T}`, `DeleteItem ${T}`, `ConditionCheckItem ${T}`, `UpdateItem ${T}`],
    ],
  ])("%s requires the permissions of its items", (operation, input, requiredPermissions) => {
    const headers = { "x-amz-target": `DynamoDB_20120810.${operation}` };
    const call = parseDynamodbCall({ method: "POST", url: "/", headers, body: JSON.stringify(input) });
    expect(call.requiredPermissions.map(({ action, resource }) => `${action.slice(9)} ${resource}`)).toEqual(
      requiredPermissions,
    );
  });

  it("of an unsupported operation is rejected", () => {
    const headers = { "x-amz-target": "DynamoDB_20120810.DeleteTable" };
    expect(() => parseDynamodbCall({ method: "POST", url: "/", headers, body: "{}" })).toThrow();
  });
});

describe("a function's endpoint", () => {
  const stats = new FunctionStats();
  const stops: ListeningServer[] = [];
  let s3: ListeningServer;
  let dynamodb: ListeningServer;

  beforeAll(async () => {
    const server = createServer((incoming, outgoing) => {
      outgoing.writeHead(incoming.url === "/b/blobs/none" ? 404 : 200).end(incoming.headers.host);
    });
    const behind = await listen(server);
    const target = `http://127.0.0.1:${behind.port}`;
    const statements = parsePolicy({
      Statement: [
        { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::b/blobs/*" },
        { Effect: "Allow", Action: "dynamodb:GetItem", Resource: "*" },
      ],
    });
    const common = { name: "reader", statements, stats, reportProblem: () => undefined, target };
    s3 = await startGuard({ ...common, service: SERVICES.s3 });
    dynamodb = await startGuard({ ...common, service: SERVICES.dynamodb });
    stops.push(s3, dynamodb, behind);
  });
  afterAll(() => Promise.all(stops.map((part) => part.stop())));

  it("forwards allowed calls with their Host header, and counts them", async () => {
    const { status, body } = await sendRequest(s3.port, {
      path: "/b/blobs/x",
      headers: { host: "signed.example" },
    });
    expect({ status, body }).toEqual({ status: 200, body: "signed.example" });
    expect(stats.calls).toEqual({ "S3 GetObject": 1 });
  });

  it("rejects all other calls in the service's format, and records them", async () => {
    const put = await sendRequest(s3.port, { method: "PUT", path: "/b/blobs/x", body: "x" });
    expect(put).toMatchObject({ status: 403 });
    expect(put.body).toContain("<Code>AccessDenied</Code>");
    const headers = { "x-amz-target": "DynamoDB_20120810.PutItem" };
    const item = await sendRequest(dynamodb.port, { method: "POST", headers, body: '{"TableName":"T"}' });
    expect(item.status).toBe(400);
    expect(JSON.parse(item.body)["__type"]).toMatch(/#AccessDeniedException$/);
    const acl = await sendRequest(s3.port, { path: "/b/blobs/x?acl" });
    expect(acl.status).toBe(403);
    expect(stats.denied).toHaveLength(3);
    expect(stats.denied[0]).toBe("s3:PutObject on arn:aws:s3:::b/blobs/x");
  });

  it("returns 403 for a missing object without permission to list", async () => {
    expect(await sendRequest(s3.port, { path: "/b/blobs/none" })).toMatchObject({ status: 403 });
  });
});
