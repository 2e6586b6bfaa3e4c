import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { afterAll, describe, expect, it } from "vitest";
import cdkJson from "../../../cdk.json" with { type: "json" };
import { createStack } from "../../../lib/cloud/config/create-stack.ts";
import { property, resourceOf, resourcesOf } from "../template/resources.ts";

const folder = mkdtempSync(join(tmpdir(), "dockless-stack-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ARN = (service: string, region: string, rest: string) =>
  `arn:aws:${service}:${region}:123456789012:${rest}`;

function stackOf(context: Readonly<Record<string, string>>) {
  const outdir = mkdtempSync(join(folder, "out-"));
  const more = { ...context, "aws:cdk:bundling-stacks": [] };
  return createStack(new App({ outdir, context: { ...cdkJson.context, ...more } }));
}

function fileOf(config: object): string {
  const path = join(mkdtempSync(join(folder, "config-")), "dockless.json");
  writeFileSync(path, JSON.stringify(config));
  return path;
}

describe("the stack of bin/app.ts, with a file of options", () => {
  const config = fileOf({
    domain: {
      domainName: "registry.example.org",
      certificateArn: ARN("acm", "us-east-1", "certificate/1234"),
      hostedZone: { hostedZoneId: "Z0123456789", zoneName: "example.org" },
    },
    ...{
      maxDescriptors: 7,
      urlLifetime: 60,
      dualStack: false,
      destroyData: true,
      logRetention: 3,
      access: "missing.json",
    },
    webAclArn: ARN("wafv2", "us-east-1", "global/webacl/filter/1234"),
    alarmTopic: ARN("sns", "us-east-1", "alarms"),
  });
  const access = fileOf({ users: [{ name: "alice" }] });
  const template = Template.fromStack(stackOf({ config, access }));

  it("has the hostname and the web ACL", () => {
    const distribution = resourceOf(template, "AWS::CloudFront::Distribution");
    expect(property(distribution, "DistributionConfig", "Aliases")).toEqual(["registry.example.org"]);
    expect(property(distribution, "DistributionConfig", "WebACLId")).toContain("webacl/filter");
    expect(resourcesOf(template, "AWS::Route53::RecordSet")).toHaveLength(2);
  });

  it("has the lifetime and the host of URLs", () => {
    const functions = JSON.stringify(resourcesOf(template, "AWS::Lambda::Function"));
    expect(functions).toContain('"DOCKLESS_URL_LIFETIME":"60"');
    expect(functions).toContain('"AWS_USE_DUALSTACK_ENDPOINT":"false"');
  });

  it("has the maximum number of descriptors", () => {
    const functions = JSON.stringify(resourcesOf(template, "AWS::Lambda::Function"));
    expect(functions).toContain('"DOCKLESS_MAX_DESCRIPTORS":"7"');
  });

  it("has the configured retention of data and logs", () => {
    expect(resourceOf(template, "AWS::DynamoDB::Table").DeletionPolicy).toBe("Delete");
    const groups = resourcesOf(template, "AWS::Logs::LogGroup");
    expect(new Set(groups.map((group) => property(group, "RetentionInDays")))).toEqual(new Set([3]));
  });

  it("sends alarms to the topic", () => {
    const alarms = resourcesOf(template, "AWS::CloudWatch::Alarm");
    expect(alarms.length).toBeGreaterThan(5);
    for (const alarm of alarms)
      expect(property(alarm, "AlarmActions")).toEqual([ARN("sns", "us-east-1", "alarms")]);
  });

  it("prefers the access file from the command line to the one in the options file", () => {
    expect(JSON.stringify(template.findOutputs("CreateFirstUserCommand"))).toContain(access);
  });
});

it.each([
  ["cannot be read", "no/such.json", "cannot read no/such.json"],
  ["has a wrong value", fileOf({ dualStack: 1 }), ": dualStack: must be true or false, not 1"],
])(
  "a file of options that %s stops the app with one line, without a stack trace",
  (_, config, message) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ["bin/app.ts"], {
      cwd: join(import.meta.dirname, "../../.."),
      env: { PATH: process.env["PATH"], CDK_CONTEXT_JSON: JSON.stringify({ config }) },
      encoding: "utf8",
      timeout: 60_000,
    });
    expect([stdout, status]).toEqual(["", 1]);
    expect(stderr).toMatch(/^[^\n]+\n$/);
    expect(stderr).toContain(message);
  },
  60_000,
);
