import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { afterAll, describe, expect, it } from "vitest";
import { type AccessFile, parseAccessFile } from "../../lib/auth/access-file/access-file.ts";
import { ShippedAccess } from "../../lib/cloud/shipped-access.ts";
import { Storage } from "../../lib/cloud/storage.ts";
import { property, resourceOf, resourcesOf, statementsOf } from "./template/resources.ts";
import { synthesized } from "./template/synthesized.ts";
import { VARIANTS } from "./template/variants.ts";

const folder = mkdtempSync(join(tmpdir(), "dockless-shipped-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const template = synthesized(VARIANTS["access"]);
const handler = resourceOf(template, "AWS::Lambda::Function", "RegistryAccessFunction");
const trigger = resourceOf(template, "Custom::Trigger");
const table = resourceOf(template, "AWS::DynamoDB::Table").id;

describe("a stack without an access file", () => {
  it("has no resource that could change grants", () => {
    const ids = Object.keys(synthesized().toJSON()["Resources"]);
    expect(ids.length).toBeGreaterThan(20);
    expect(ids.filter((id) => /^RegistryAccess|Trigger/.test(id))).toEqual([]);
  });
});

describe("the output with the next command", () => {
  const next = (of: Template) => JSON.stringify(of.findOutputs("CreateFirstUserCommand"));

  it("creates the accounts of the access file, or without one a first user with all permissions", () => {
    expect(next(template)).toMatch(/access apply \S+access\.json --create --table .*--region/);
    expect(next(template)).not.toContain("grant");
    expect(next(synthesized())).toMatch(/user add me --table .*access grant user:me/);
  });
});

describe("the function that applies an access file", () => {
  const policies = resourcesOf(template, "AWS::IAM::Policy").filter(({ id }) =>
    id.startsWith("RegistryAccess"),
  );
  const statements = policies.flatMap(statementsOf);

  it("may only read and change accounts, grants and rules", () => {
    const logs = resourceOf(template, "AWS::Logs::LogGroup", "RegistryAccess").id;
    const arn = (id: string) => [JSON.stringify({ "Fn::GetAtt": [id, "Arn"] })];
    expect(statements.map(({ effect, actions, resources }) => [effect, actions, resources])).toEqual([
      ["Allow", ["logs:CreateLogStream", "logs:PutLogEvents"], arn(logs)],
      ["Allow", ["dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:Query"], arn(table)],
    ]);
    expect(statements[1]?.condition).toEqual({
      "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["access"] },
    });
  });

  it("has no other policies", () => {
    const role = resourceOf(template, "AWS::IAM::Role", "RegistryAccess");
    expect(property(handler, "Role")).toEqual({ "Fn::GetAtt": [role.id, "Arn"] });
    expect(role.Properties).not.toHaveProperty("ManagedPolicyArns");
    expect(role.Properties).not.toHaveProperty("Policies");
    expect(handler.DependsOn).toContain(policies[0]?.id);
  });

  it("is invoked last, by a caller with a longer timeout", () => {
    const before = [table, resourceOf(template, "AWS::CloudFront::Distribution").id];
    for (const type of ["AWS::Lambda::WebFunctionRevision", "AWS::ApiGatewayV2::Route"])
      before.push(...resourcesOf(template, type).map(({ id }) => id));
    expect(before.length).toBeGreaterThan(4);
    expect(trigger.DependsOn).toEqual(expect.arrayContaining(before));
    expect(Number(property(trigger, "Timeout"))).toBeGreaterThan(Number(property(handler, "Timeout")) * 1000);
  });

  it("keeps its log", () => {
    expect(resourceOf(template, "AWS::Logs::LogGroup", "RegistryAccess").DeletionPolicy).toBe("Retain");
  });

  it("can be invoked only by CDK's function", () => {
    const granted = resourcesOf(template, "AWS::Lambda::Permission").map(({ Properties }) =>
      JSON.stringify(Properties),
    );
    expect(granted.length).toBeGreaterThan(0);
    const version = resourceOf(template, "AWS::Lambda::Version");
    for (const permission of granted)
      for (const { id } of [handler, version]) expect(permission).not.toContain(id);
    expect(resourcesOf(template, "AWS::Lambda::Url")).toEqual([]);
  });
});

/** Returns the file next to the code, and the version of the function with it. */
function shipped(file: AccessFile) {
  const outdir = mkdtempSync(join(folder, "out-"));
  const stack = new Stack(new App({ outdir }), "Images");
  const storage = new Storage(stack, "Storage", { destroyData: false });
  new ShippedAccess(stack, "Access", {
    file,
    storage,
    logRetention: RetentionDays.ONE_DAY,
    after: [storage],
  });
  const made = Template.fromStack(stack);
  const { id } = resourceOf(made, "AWS::Lambda::Version");
  const key = String(property(resourceOf(made, "AWS::Lambda::Function", "Access"), "Code", "S3Key"));
  const asset = join(outdir, `asset.${key.replace(".zip", "")}`, "access.json");
  return { version: id, file: parseAccessFile(JSON.parse(readFileSync(asset, "utf8"))) };
}

describe("the shipped file", () => {
  const one = parseAccessFile({ users: [{ name: "alice" }] });
  const other = parseAccessFile({ users: [{ name: "bob" }] });

  it("is stored next to the code, and is applied again when it changes", () => {
    const [first, again, next] = [shipped(one), shipped(one), shipped(other)];
    expect([first.file, next.file]).toEqual([one, other]);
    expect(again.version).toBe(first.version);
    expect(next.version).not.toBe(first.version);
  }, 60_000);

  it("may contain thousands of accounts", () => {
    const users = Array.from({ length: 5000 }, (_, index) => ({ name: `user-${index}`, groups: ["all"] }));
    const long = parseAccessFile({ users });
    expect(shipped(long).file).toEqual(long);
  }, 60_000);
});

describe("synthesis", () => {
  const wrong = join(folder, "wrong.json");
  it.each([
    ["{", `${wrong} is not valid JSON: `],
    [
      '{ "grants": [{ "subject": "user:a", "pattern": "Acme", "actions": ["pull"] }] }',
      `${wrong}: grants[0].pattern: invalid repository pattern`,
    ],
    ['{ "grant": [] }', `${wrong}: unknown field "grant" in an access file`],
  ])("fails for a file with the content %s, and reports the position of the error", (text, message) => {
    writeFileSync(wrong, text);
    expect(() => synthesized({ access: wrong })).toThrow(message);
  });

  it("fails for a missing file, and names it", () => {
    expect(() => synthesized({ access: `${wrong}.nil` })).toThrow(`cannot read ${wrong}.nil`);
  });
});
