import { describe, expect, it } from "vitest";
import { distributionOf } from "../../local-cloud/template/distribution.ts";
import { Properties } from "../../local-cloud/template/properties.ts";
import { checkTypes } from "../../local-cloud/template/resources.ts";
import { bucketsOf } from "../../local-cloud/template/storage.ts";
import { Template } from "../../local-cloud/template/template.ts";
import { variablesOf } from "../../local-cloud/template/variables.ts";
import { synthesized } from "../cloud/template/synthesized.ts";

const HOST = "127.0.0.1:5000";

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
  ])("to %s are errors", (_, value) => {
    expect(() => named.resolve(value)).toThrow();
  });

  it("to a bucket without a name resolve to a valid bucket name", () => {
    const [name = ""] = bucketsOf(template({ RegistryStorageBlobs0539645E: { Type: "AWS::S3::Bucket" } }));
    expect(name).toMatch(/^[a-z0-9-]{3,63}$/);
  });
});

describe("an unsupported part of a template", () => {
  it.each([
    ["a type", () => checkTypes(template({ Queue: { Type: "AWS::SQS::Queue" } })), "Queue (AWS::SQS::Queue)"],
    [
      "a property",
      () => bucketsOf(template({ B: { Type: "AWS::S3::Bucket", Properties: { Colour: "red" } } })),
      "Colour",
    ],
    [
      "a condition",
      () => bucketsOf(template({ B: { Type: "AWS::S3::Bucket", Condition: "C" } })),
      "conditions",
    ],
    ["a value", () => new Properties("x", { Mode: "odd" }).oneOf("Mode", "even"), '"odd"'],
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
    expect(distributionOf(stack).behaviours.length).toBeGreaterThan(1);
  });
});

describe("variables of a function", () => {
  it.each([
    ["whose name is reserved", { AWS_REGION: "eu-west-1" }, "AWS_REGION is reserved"],
    ["of more than 4 KB", { LONG: "x".repeat(4096) }, "exceed 4096"],
  ])("%s are an error", (_, Variables, message) => {
    expect(() => variablesOf(new Properties("x", { Variables }), "Variables")).toThrow(message);
  });
});
