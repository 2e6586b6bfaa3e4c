import { describe, expect, it } from "vitest";
import { checkOriginHeaders } from "../../local-cloud/cloudfront/origin-headers.ts";
import { parseDistribution } from "../../local-cloud/template/distribution.ts";
import { parseApi } from "../../local-cloud/template/http-api.ts";
import { Properties } from "../../local-cloud/template/properties.ts";
import { checkTypes } from "../../local-cloud/template/resources.ts";
import { parseBuckets } from "../../local-cloud/template/storage.ts";
import { Template } from "../../local-cloud/template/template.ts";
import { parseVariables } from "../../local-cloud/template/variables.ts";
import { parseMaxEnvironments, parseRateLimit } from "../../local-cloud/template/web-function-limits.ts";
import { synthesized } from "../cloud/template/synthesized.ts";

const HOST = "127.0.0.1:5000";
const GENERATED = { PasswordLength: 40, ExcludePunctuation: true };

function template(resources: object): Template {
  return new Template({ Resources: resources }, HOST);
}

describe("a template's references", () => {
  const bucket = { Type: "AWS::S3::Bucket", Properties: { BucketName: "blobs" } };
  const named = template({ Blobs: bucket, Front: { Type: "AWS::CloudFront::Distribution" } });
  it.each<[string, unknown, unknown]>([
    ["Ref", { Ref: "Blobs" }, "blobs"],
    ["a pseudo parameter", { Ref: "AWS::Region" }, "us-east-1"],
    ["GetAtt", { "Fn::GetAtt": ["Blobs", "Arn"] }, "arn:aws:s3:::blobs"],
    ["the hostname", { "Fn::GetAtt": ["Front", "DomainName"] }, HOST],
    ["Join", { "Fn::Join": ["/", [{ Ref: "Blobs" }, "x"]] }, "blobs/x"],
    [
      "Sub",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how CloudFormation writes it
      { "Fn::Sub": "${Blobs}-${AWS::AccountId}-${Blobs.Arn}" },
      "blobs-000000000000-arn:aws:s3:::blobs",
    ],
    ["a nested reference", [{ a: { Ref: "Blobs" } }], [{ a: "blobs" }]],
  ])("by %s are resolved", (_, value, expected) => {
    expect(named.resolve(value)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ["an unsupported function", { "Fn::ImportValue": "x" }],
    ["a missing resource", { Ref: "Missing" }],
    ["an unsupported attribute", { "Fn::GetAtt": ["Blobs", "Colour"] }],
  ])("to %s are rejected", (_, value) => {
    expect(() => named.resolve(value)).toThrow();
  });

  it("to a bucket without a name resolve to a valid bucket name", () => {
    const [name = ""] = parseBuckets(template({ RegistryStorageBlobs0539645E: { Type: "AWS::S3::Bucket" } }));
    expect(name).toMatch(/^[a-z0-9-]{3,63}$/);
  });
});

describe("a generated secret", () => {
  const generated = template({
    One: { Type: "AWS::SecretsManager::Secret", Properties: { GenerateSecretString: GENERATED } },
    Two: { Type: "AWS::SecretsManager::Secret", Properties: { GenerateSecretString: GENERATED } },
  });
  const secretOf = (id: string) =>
    generated.resolve({ "Fn::Join": ["", ["{{resolve:secretsmanager:", { Ref: id }, ":SecretString:::}}"]] });

  it("resolves to the same value for each reference", () => {
    expect(secretOf("One")).toMatch(/^[A-Za-z0-9]{40}$/);
    expect(secretOf("One")).toBe(secretOf("One"));
    expect(secretOf("Two")).not.toBe(secretOf("One"));
  });

  it.each([
    ["a secret that is not in the stack", "{{resolve:secretsmanager:other:SecretString:::}}"],
    ["another service", "{{resolve:ssm:name}}"],
  ])("is the only supported dynamic reference, unlike one to %s", (_, reference) => {
    expect(() => generated.resolve(reference)).toThrow("unsupported reference");
  });
});

describe("a custom header of an origin", () => {
  it.each(["X-Amz-Cf-Id", "Via", "Cookie", "x-edge-secret", "X-Real-Ip"])("cannot be %s", (HeaderName) => {
    expect(() => checkOriginHeaders([[HeaderName, "x"]])).toThrow(HeaderName);
  });

  it("cannot be longer than the quota", () => {
    expect(() => checkOriginHeaders([["x-secret", "x".repeat(1784)]])).toThrow("1784");
    expect(() => checkOriginHeaders([["x-secret", "x".repeat(1783)]])).not.toThrow();
  });
});

describe("the limits of a web function", () => {
  it.each([0, 100, 1000, 2000, 10_000])("accept a rate of %d", (rate) => {
    expect(parseRateLimit(new Properties("x", { RateLimit: rate }))).toBe(rate);
  });

  it.each([1, 150, 1100, 20_000])("reject a rate of %d", (rate) => {
    expect(() => parseRateLimit(new Properties("x", { RateLimit: rate }))).toThrow(String(rate));
  });

  it.each([1, 10_001])("reject a maximum of %d environments", (count) => {
    expect(() => parseMaxEnvironments(new Properties("x", { MaxEnvironments: count }))).toThrow(
      String(count),
    );
  });
});

describe("an unsupported part of a template", () => {
  it.each([
    ["a type", () => checkTypes(template({ Queue: { Type: "AWS::SQS::Queue" } })), "Queue (AWS::SQS::Queue)"],
    [
      "a property",
      () => parseBuckets(template({ B: { Type: "AWS::S3::Bucket", Properties: { Colour: "red" } } })),
      "Colour",
    ],
    [
      "a condition",
      () => parseBuckets(template({ B: { Type: "AWS::S3::Bucket", Condition: "C" } })),
      "conditions",
    ],
    ["a value", () => new Properties("x", { Mode: "odd" }).requireOneOf("Mode", "even"), '"odd"'],
  ])("is an error that names %s", (_, read, name) => {
    expect(read).toThrow(name);
  });
});

describe("the synthesized stack", () => {
  const stack = new Template(synthesized().toJSON(), HOST);

  it("has only resources that the local cloud supports", () => {
    expect(() => checkTypes(stack)).not.toThrow();
  });

  it("has only references that the local cloud resolves, in its distribution", () => {
    expect(parseDistribution(stack).behaviours.length).toBeGreaterThan(1);
  });

  it("sends the same secret to all origins", () => {
    const sent = parseDistribution(stack).origins.map(({ headers }) => Object.fromEntries(headers));
    const [first = {}] = sent;
    expect(first["x-dockless-origin-secret"]).toMatch(/^[A-Za-z0-9]{48}$/);
    expect(sent).toEqual([first, first]);
  });

  it("limits the rate of API Gateway", () => {
    expect(parseApi(stack).throttle).toEqual({ rate: 500, burst: 1000 });
  });
});

describe("variables of a function", () => {
  it.each([
    ["whose name is reserved", { AWS_REGION: "eu-west-1" }, "AWS_REGION is reserved"],
    ["of more than 4 KB", { LONG: "x".repeat(4096) }, "exceed 4096"],
  ])("%s are an error", (_, Variables, message) => {
    expect(() => parseVariables(new Properties("x", { Variables }), "Variables")).toThrow(message);
  });
});
