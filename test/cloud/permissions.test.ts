import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  at,
  listOf,
  property,
  type Resource,
  resourceOf,
  resourcesOf,
  type Statement,
  statementsOf,
} from "./template/resources.ts";
import { synthesized } from "./template/synthesized.ts";

const template = synthesized();
const fargate = synthesized({ uploads: "fargate" });
const bucket = resourceOf(template, "AWS::S3::Bucket", "RegistryStorage").id;
const table = resourceOf(template, "AWS::DynamoDB::Table").id;

const roles = {
  "the pull function": statementsFor("RegistryFunctionsPullRole"),
  "the API function": statementsFor("RegistryFunctionsApiRole"),
  "the web function": statementsFor("RegistryUploadsRole"),
  "the container": statementsFor("RegistryUploadsRole", fargate),
};
const WRITERS = ["the API function", "the web function", "the container"] as const;

/** Returns the statements of all policies of a role. */
function statementsFor(role: string, of = template): readonly Statement[] {
  const { id, Properties } = resourceOf(of, "AWS::IAM::Role", role);
  expect(Properties).not.toHaveProperty("ManagedPolicyArns");
  expect(Properties).not.toHaveProperty("Policies");
  const isOf = (policy: Resource) => JSON.stringify(property(policy, "Roles")).includes(`"${id}"`);
  return resourcesOf(of, "AWS::IAM::Policy").filter(isOf).flatMap(statementsOf);
}

const granting = (statements: readonly Statement[]) => statements.filter(({ effect }) => effect === "Allow");

function actionsOn(statements: readonly Statement[], service: string, resource = ""): readonly string[] {
  const actions = statements
    .filter(({ resources }) => resources.some((name) => name.includes(resource)))
    .flatMap((statement) => statement.actions)
    .filter((action) => action.startsWith(`${service}:`));
  return [...new Set(actions)].sort();
}

const READING_RECORDS = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"];
const WRITING_RECORDS = ["dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:PutItem"];

describe("the pull function", () => {
  it("cannot write", () => {
    const statements = roles["the pull function"];
    expect(actionsOn(statements, "dynamodb")).toEqual(READING_RECORDS);
    expect(actionsOn(statements, "s3")).toEqual(["s3:GetObject", "s3:ListBucket"]);
    expect(actionsOn(statements, "logs")).toEqual(["logs:CreateLogStream", "logs:PutLogEvents"]);
    expect(granting(statements).flatMap(({ actions }) => actions)).toHaveLength(7);
  });

  it("cannot read the token signing keys", () => {
    const denied = roles["the pull function"].filter(({ effect }) => effect === "Deny");
    expect(denied.map(({ actions, condition }) => ({ actions: [...actions].sort(), condition }))).toEqual([
      {
        actions: READING_RECORDS,
        condition: { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": ["secrets"] } },
      },
    ]);
  });

  it("has no access to unfinished uploads", () => {
    expect(JSON.stringify(roles["the pull function"])).not.toContain("/uploads/");
  });
});

describe.each(WRITERS)("%s", (name) => {
  const statements = roles[name];

  it("may read and write records", () => {
    expect(actionsOn(statements, "dynamodb")).toEqual([...READING_RECORDS, ...WRITING_RECORDS].sort());
  });

  it("can delete staged objects, but no blob", () => {
    expect(actionsOn(statements, "s3", "/uploads/*")).toContain("s3:DeleteObject");
    expect(actionsOn(statements, "s3", "/blobs/*")).toEqual([
      "s3:AbortMultipartUpload",
      "s3:GetObject",
      "s3:PutObject",
    ]);
  });
});

describe.each(Object.entries(roles))("%s", (_, statements) => {
  it("has no wildcard in actions, and in objects only below a prefix", () => {
    expect(statements.length).toBeGreaterThan(0);
    for (const { actions, resources } of granting(statements)) {
      expect(actions.filter((action) => action.includes("*"))).toEqual([]);
      const wild = resources.filter((resource) => resource.includes("*"));
      expect(wild.filter((resource) => !/\/(blobs|uploads)\/\*/.test(resource))).toEqual([]);
    }
  });

  it("has access only to this registry's bucket, table and logs", () => {
    for (const { resources } of statements)
      for (const resource of resources)
        expect(resource).toMatch(
          new RegExp(`"Fn::GetAtt":\\["(${bucket}|${table}|\\w*Logs\\w{8}|\\w+Logs\\w+)","Arn"\\]`),
        );
  });
});

describe("the permissions", () => {
  /** Compared with the calls in the code by test/docs.test.ts. */
  const page = readFileSync(join(import.meta.dirname, "../../docs/storage.md"), "utf8");
  const [, policy = ""] = /```json\n([^`]+)```/.exec(page) ?? [];
  const documented = listOf(at(JSON.parse(policy), "Statement")).flatMap((statement) =>
    listOf(at(statement, "Resource")).flatMap((resource) =>
      listOf(at(statement, "Action")).map((action) => `${action} ${kindOf(String(resource))}`),
    ),
  );

  it.each(WRITERS)("of %s match the documentation", (name) => {
    const granted = roles[name].flatMap(({ actions, resources }) =>
      resources.flatMap((resource) => actions.map((action) => `${action} ${kindOf(resource)}`)),
    );
    expect(documented).toHaveLength(14);
    expect(granted.filter((line) => !line.startsWith("logs:")).sort()).toEqual(documented.toSorted());
  });
});

function kindOf(resource: string): string {
  const [prefix] = /\/(blobs|uploads)\/\*/.exec(resource) ?? [];
  return prefix ?? (resource.includes(table) || resource.includes(":table/") ? "table" : "bucket");
}

describe("CDK's own function for copying code", () => {
  it("has no access to the registry's data", () => {
    const statements = statementsOf(resourceOf(template, "AWS::IAM::Policy", "CustomCDKBucketDeployment"));
    expect(statements.length).toBeGreaterThan(0);
    const reached = JSON.stringify(statements);
    expect(reached).not.toContain(bucket);
    expect(reached).not.toContain(table);
  });
});

describe("every role", () => {
  it("can be assumed by one AWS service only", () => {
    for (const role of resourcesOf(template, "AWS::IAM::Role")) {
      const principals = JSON.stringify(property(role, "AssumeRolePolicyDocument", "Statement"));
      expect(principals).toMatch(/"Principal":\{"Service":"lambda\.amazonaws\.com"\}/);
      expect(at(role, "Properties", "AssumeRolePolicyDocument", "Statement")).toHaveLength(1);
    }
  });
});
