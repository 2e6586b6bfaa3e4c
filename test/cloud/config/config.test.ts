import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../lib/cloud/config/parse-config.ts";
import { readConfig } from "../../../lib/cloud/config/read-config.ts";
import { brokenRule } from "../../support/json-schema.ts";

const ROOT = join(import.meta.dirname, "../../..");
const SCHEMA = JSON.parse(readFileSync(join(ROOT, "dockless.schema.json"), "utf8"));

const FULL = {
  $schema: "./dockless.schema.json",
  domain: {
    domainName: "registry.example.org",
    certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
    hostedZone: { hostedZoneId: "Z0123456789ABCDEFGHIJ", zoneName: "example.org" },
  },
  access: "access.json",
  uploads: "fargate",
  urlLifetime: 300,
  maxDescriptors: 100,
  dualStack: false,
  corsOrigins: ["https://ui.example.com", "http://localhost:3000", "*"],
  s3Multipart: true,
  destroyData: true,
  logRetention: 90,
  webFunctionRateLimit: 300,
  webFunctionMaxEnvironments: 20,
  apiRateLimit: 200,
  apiBurstLimit: 400,
  reservedConcurrency: 25,
  originSecrets: ["2", "1"],
  webAclArn: "arn:aws:wafv2:us-east-1:123456789012:global/webacl/filter/1234",
  directPush: true,
  directPushBypassesWebAcl: true,
  alarmTopic: "arn:aws:sns:eu-central-1:123456789012:alarms",
};

const folder = mkdtempSync(join(tmpdir(), "dockless-config-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function withValue(path: readonly string[], value: unknown): unknown {
  const copy = structuredClone<Record<string, unknown>>(FULL);
  const last = path.at(-1) ?? "";
  const parent = path.slice(0, -1).reduce((at, name) => Object(at[name]), copy);
  parent[last] = value;
  if (value === undefined) delete parent[last];
  return copy;
}

describe("the options of a deployment", () => {
  it("are accepted in full by parser and schema, and returned unchanged", () => {
    const { $schema, ...options } = FULL;
    expect(parseConfig(FULL)).toEqual(options);
    expect(brokenRule(SCHEMA, FULL)).toBeUndefined();
  });

  it("are optional, individually and together", () => {
    expect(parseConfig({})).toEqual({});
    for (const name of Object.keys(FULL)) {
      const rest = withValue([name], undefined);
      expect(parseConfig(rest)).not.toHaveProperty(name);
      expect(brokenRule(SCHEMA, rest)).toBeUndefined();
    }
  });

  it("are those that the schema describes", () => {
    expect(Object.keys(SCHEMA.properties)).toEqual(Object.keys(FULL));
  });

  it.each<[readonly string[], unknown, string]>([
    [
      ["urllifetime"],
      60,
      'unknown field "urllifetime" in the configuration: the allowed fields are $schema, domain, ',
    ],
    [["urlLifetime"], 0, "urlLifetime: must be a whole number of seconds from 1 to 3600, not 0"],
    [["urlLifetime"], 3601, "urlLifetime: must be"],
    [["urlLifetime"], 1.5, "urlLifetime: must be"],
    [["urlLifetime"], "300", 'urlLifetime: must be a whole number of seconds from 1 to 3600, not "300"'],
    [["maxDescriptors"], 0, "maxDescriptors: must be a whole number from 1 to 50000, not 0"],
    [["maxDescriptors"], 50_001, "maxDescriptors: must be"],
    [["maxDescriptors"], 1.5, "maxDescriptors: must be"],
    [["maxDescriptors"], "100", 'maxDescriptors: must be a whole number from 1 to 50000, not "100"'],
    [["dualStack"], "false", 'dualStack: must be true or false, not "false"'],
    [
      ["corsOrigins"],
      "https://a.example",
      "corsOrigins: must be a list of origins such as https://ui.example.com",
    ],
    [["corsOrigins"], ["https://a.example/"], "corsOrigins: must be a list of origins"],
    [["corsOrigins"], ["a.example"], "corsOrigins: must be a list of origins"],
    [["corsOrigins"], [1], "corsOrigins: must be a list of origins such as https://ui.example.com, not [1]"],
    [["directPush"], "yes", 'directPush: must be true or false, not "yes"'],
    [["directPushBypassesWebAcl"], 1, "directPushBypassesWebAcl: must be true or false, not 1"],
    [["destroyData"], 1, "destroyData: must be true or false, not 1"],
    [["logRetention"], 31, "logRetention: must be a number of days: one of 1, 3, 5, "],
    [["logRetention"], "30", "logRetention: must be a number of days: one of 1, 3, 5, "],
    [["logRetention"], 9999, "logRetention: must be a number of days: one of 1, 3, 5, "],
    [["webFunctionRateLimit"], 0, "webFunctionRateLimit: must be a whole number from 100 to 10000, not 0"],
    [["webFunctionRateLimit"], 150, "webFunctionRateLimit: must be a multiple of 100 up to 1000, or of 1000"],
    [
      ["webFunctionRateLimit"],
      1100,
      "webFunctionRateLimit: must be a multiple of 100 up to 1000, or of 1000",
    ],
    [["webFunctionMaxEnvironments"], 1, "webFunctionMaxEnvironments: must be a whole number from 2 to 10000"],
    [["apiRateLimit"], 0.5, "apiRateLimit: must be a whole number from 1 to 100000, not 0.5"],
    [["apiBurstLimit"], "400", 'apiBurstLimit: must be a whole number from 1 to 100000, not "400"'],
    [["reservedConcurrency"], 0, "reservedConcurrency: must be a whole number from 1 to 100000, not 0"],
    [["originSecrets"], [], "originSecrets: must be a list of one or two distinct alphanumeric names"],
    [["originSecrets"], ["1", "1"], "originSecrets: must be a list of one or two distinct"],
    [["originSecrets"], ["1", "2", "3"], "originSecrets: must be a list of one or two distinct"],
    [["originSecrets"], ["a-b"], "originSecrets: must be a list of one or two distinct"],
    [["originSecrets"], "1", "originSecrets: must be a list of one or two distinct"],
    [["uploads"], "ecs", 'uploads: must be one of web-function, fargate, not "ecs"'],
    [["webAclArn"], "filter", "webAclArn: must be an ARN such as arn:aws:wafv2:us-east-1:"],
    [["webAclArn"], FULL.webAclArn.replace("us-east-1", "eu-central-1"), "webAclArn: must be an ARN"],
    [
      ["alarmTopic"],
      null,
      "alarmTopic: must be an ARN such as arn:aws:sns:us-east-1:123456789012:NAME, not null",
    ],
    [["access"], "", "access: the path of an access file must be a string"],
    [["domain"], "registry.example.org", "domain: a domain must be an object"],
    [
      ["domain", "domainName"],
      "https://registry.example.org",
      "domain: domainName: must be a lower-case hostname",
    ],
    [["domain", "domainName"], "Registry.example.org", "domain: domainName: must be a lower-case hostname"],
    [["domain", "certificateArn"], undefined, "domain: certificateArn: must be an ARN"],
    [["domain", "hostedZone", "hostedZoneId"], "example.org", "domain: hostedZone: "],
    [
      ["domain", "hostedZone", "zoneName"],
      "org",
      "domain: hostedZone: zoneName: must be a lower-case hostname",
    ],
    [["domain", "hostedZone", "zone"], "x", 'domain: hostedZone: unknown field "zone" in a hosted zone'],
  ])("are rejected by parser and schema with the value of %j being %j", (path, value, message) => {
    const config = withValue(path, value);
    expect(() => parseConfig(config)).toThrow(
      expect.objectContaining({ message: expect.toSatisfy((text) => text.startsWith(message)) }),
    );
    expect(brokenRule(SCHEMA, config)).toBeDefined();
  });

  it.each([[[]], ["x"], [null], [5]])("are rejected when they are not an object: %j", (value) => {
    expect(() => parseConfig(value)).toThrow("the configuration must be an object");
  });
});

describe("a file of options", () => {
  it("resolves the path of its access file relative to its own folder", () => {
    const path = join(folder, "dockless.json");
    writeFileSync(path, JSON.stringify({ access: "../access.json", urlLifetime: 60 }));
    expect(readConfig(path)).toEqual({ access: join(folder, "../access.json"), urlLifetime: 60 });
  });

  it.each([
    ["is not JSON", "{", "is not valid JSON"],
    ["has a wrong value", '{"dualStack": 1}', ": dualStack: must be true or false, not 1"],
  ])("that %s is rejected in one line that names it", (_, text, message) => {
    const path = join(folder, "bad.json");
    writeFileSync(path, text);
    expect(() => readConfig(path)).toThrow(path);
    expect(() => readConfig(path)).toThrow(message);
    expect(() => readConfig(path)).not.toThrow("\n");
  });

  it("that is missing is named in the error", () => {
    expect(() => readConfig("no/such.json")).toThrow("cannot read no/such.json");
  });
});

it("the examples of docs/deploy.md are valid", () => {
  const page = readFileSync(join(ROOT, "docs/deploy.md"), "utf8");
  const examples = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = ""]) => JSON.parse(text));
  expect(examples.length).toBeGreaterThan(1);
  for (const example of examples) {
    expect(parseConfig(example)).toBeDefined();
    expect(brokenRule(SCHEMA, example)).toBeUndefined();
  }
});
