import { describe, expect, it } from "vitest";
import { property, resourcesOf } from "./template/resources.ts";
import { synthesized } from "./template/synthesized.ts";
import { VARIANTS } from "./template/variants.ts";

describe.each(Object.entries(VARIANTS))("in the variant %s", (_, props) => {
  const template = synthesized(props);

  it("every function, CDK's own included, logs to a group of the stack", () => {
    const groups = new Set(resourcesOf(template, "AWS::Logs::LogGroup").map(({ id }) => id));
    const functions = resourcesOf(template, "AWS::Lambda::Function");
    expect(functions.length).toBeGreaterThan(1);
    const elsewhere = functions.filter(
      (resource) => !groups.has(String(property(resource, "LoggingConfig", "LogGroup", "Ref"))),
    );
    expect(elsewhere.map(({ id }) => id)).toEqual([]);
  });

  it("every log group has limited retention", () => {
    const endless = resourcesOf(template, "AWS::Logs::LogGroup").filter(
      (group) => property(group, "RetentionInDays") !== 30,
    );
    expect(endless.map(({ id }) => id)).toEqual([]);
  });
});

it("no version of the web function's code expires", () => {
  const [bucket] = resourcesOf(synthesized(), "AWS::S3::Bucket").filter(({ id }) =>
    id.includes("UploadsCode"),
  );
  expect(bucket).toBeDefined();
  if (bucket === undefined) return;
  expect(property(bucket, "VersioningConfiguration", "Status")).toBe("Enabled");
  expect(property(bucket, "LifecycleConfiguration")).toBeUndefined();
});
