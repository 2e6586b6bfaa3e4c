import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../clients/process.ts";
import { Report } from "../../soak/report.ts";
import { installCfnLint, lint } from "./cfn-lint.ts";
import { synthesized } from "./synthesized.ts";
import { VARIANTS } from "./variants.ts";

/** Those with web functions in which registries are most likely; a container runs in any, as in the last. */
const REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "ap-southeast-1"];
const WITHOUT_WEB_FUNCTIONS = "eu-south-1";

const report = new Report();
const folder = await mkdtemp(join(tmpdir(), "dockless-lint-"));
try {
  await report.case("cdk synth, without a warning", () => synthesize(join(folder, "cdk.out")));
  await report.case("cfn-lint is installed", installCfnLint);
  for (const [name, props] of Object.entries(VARIANTS)) {
    const regions = name === "fargate" ? [...REGIONS, WITHOUT_WEB_FUNCTIONS] : REGIONS;
    await report.case(`cfn-lint: ${name}`, async () => {
      const template = synthesized(props).toJSON();
      const path = join(folder, `${name}.template.json`);
      await writeFile(path, JSON.stringify(template, undefined, 2));
      await lint(path, regions);
      return `${Object.keys(template["Resources"]).length} resources, ${regions.length} regions`;
    });
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = report.end();

/** What a user runs, with warnings taken for errors, and nothing said that is not asked for. */
async function synthesize(out: string): Promise<string> {
  const root = join(import.meta.dirname, "../../..");
  const cdk = ["npx", "cdk", "synth", "--strict", "--quiet", "--no-notices", "--output", out];
  const { stdout, stderr } = await run(cdk, { cwd: root });
  const said = `${stdout}${stderr}`.split("\n").filter((line) => /warning|deprecat|feature flag/i.test(line));
  const unexpected = said.filter((line) => !line.startsWith("npm "));
  if (unexpected.length > 0) throw new Error(unexpected.join("\n"));
  const names = await readdir(out);
  return `${names.filter((name) => name.startsWith("asset.")).length} assets`;
}
