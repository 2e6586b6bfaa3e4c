import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { at, listOf } from "./template/resources.ts";
import { withStack } from "./template/synthesized.ts";
import { VARIANTS } from "./template/variants.ts";

/** The rules of the pack that do not hold, by the names of what breaks them. */
function findings(app: App): readonly string[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  // CDK prints the findings and sets the exit code, besides throwing.
  const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => {
    printed.mockRestore();
    process.exitCode = undefined;
  });
  try {
    app.synth();
  } catch {
    // The report has more.
  }
  const report: unknown = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
  return listOf(at(report, "pluginReports")).flatMap((plugin) =>
    listOf(at(plugin, "violations")).map((violation) => String(at(violation, "ruleName"))),
  );
}

describe("the AwsSolutions pack of cdk-nag", { timeout: 120_000 }, () => {
  it.each(Object.entries(VARIANTS))("finds nothing in the stack: %s", (_, props) => {
    expect(withStack(props, (_stack, app) => findings(app))).toEqual([]);
  });

  it("finds what is left open", () => {
    const found = withStack({}, (stack, app) => {
      new Bucket(stack, "Open");
      return findings(app);
    });
    expect(found).toContain("AwsSolutions-S10");
  });
});
