import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Validations } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { at, listOf } from "./resources.ts";
import { type Props, type PropsMaker, withStack } from "./synthesized.ts";

/** Runs cdk-nag. @throws Error with the rules of its AwsSolutions pack that the stack violates without a reason */
export async function requireNoFindings(props: Props | PropsMaker): Promise<string> {
  const found = withStack(props, (_stack, app) => findings(app));
  if (found.length > 0) throw new Error(found.join(", "));
  return "no finding";
}

/** Verifies that cdk-nag reports violations, because otherwise a check that does not run would pass. */
export async function requireFindings(): Promise<string> {
  const found = withStack({}, (stack, app) => {
    new Bucket(stack, "Open");
    return findings(app);
  });
  if (!found.includes("AwsSolutions-S10")) throw new Error("a bucket without TLS was not found");
  return found.join(", ");
}

function findings(app: App): readonly string[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  try {
    app.synth();
  } catch {
    // The report has more fields.
  }
  const report: unknown = JSON.parse(readFileSync(join(app.outdir, "validation-report.json"), "utf8"));
  return listOf(at(report, "pluginReports")).flatMap((plugin) =>
    listOf(at(plugin, "violations")).map((violation) => String(at(violation, "ruleName"))),
  );
}
