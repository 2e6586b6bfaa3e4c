import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../clients/support/process.ts";
import { Report } from "../../soak/report.ts";
import { installCfnLint, lint } from "./cfn-lint.ts";
import { requireFindings, requireNoFindings } from "./nag.ts";
import { synthesized } from "./synthesized.ts";
import { VARIANTS } from "./variants.ts";

/** Those with web functions in which registries are most likely; a container runs in any, as in the last. */
const REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "ap-southeast-1"];
const WITHOUT_WEB_FUNCTIONS = "eu-south-1";

const ROOT = join(import.meta.dirname, "../../..");

const report = new Report();
const folder = await mkdtemp(join(tmpdir(), "dockless-lint-"));
try {
  await report.case("cdk synth, without a warning", () => synthesize(join(folder, "cdk.out")));
  await report.case("cdk synth of an access file that is wrong", () => refuse(join(folder, "refused.out")));
  await report.case("cdk synth with a file of options", () => configure(join(folder, "configured.out")));
  await report.case("the app of docs/deploy.md", () => runExample(join(folder, "example")));
  await report.case("cdk-nag finds what is left open", requireFindings);
  for (const [name, props] of Object.entries(VARIANTS))
    await report.case(`cdk-nag: ${name}`, () => requireNoFindings(props));
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
  const cdk = ["npx", "cdk", "synth", "--strict", "--quiet", "--no-notices", "--output", out];
  const { stdout, stderr } = await run(cdk, { cwd: ROOT });
  const said = `${stdout}${stderr}`.split("\n").filter((line) => /warning|deprecat|feature flag/i.test(line));
  const unexpected = said.filter((line) => !line.startsWith("npm "));
  if (unexpected.length > 0) throw new Error(unexpected.join("\n"));
  const names = await readdir(out);
  return `${names.filter((name) => name.startsWith("asset.")).length} assets`;
}

/** What an operator sees who ships one: which file, and where in it. */
async function refuse(out: string): Promise<string> {
  const file = join(folder, "access.json");
  const grants = [{ subject: "anonymous", pattern: "Acme", actions: ["pull"] }];
  await writeFile(file, JSON.stringify({ grants }));
  const cdk = ["npx", "cdk", "synth", "--quiet", "--no-notices", "--output", out];
  const said = await run([...cdk, "--context", `access=${file}`], { cwd: ROOT }).then(
    () => "nothing is wrong",
    (error: unknown) => String(error),
  );
  const [line] = said.split("\n").filter((text) => text.includes(`${file}: grants[0].pattern: `));
  if (line === undefined || said.includes("    at ")) throw new Error(said);
  return line;
}

/** What an operator sees with a file of options that is wrong, and gets with one that is right. */
async function configure(out: string): Promise<string> {
  const file = join(folder, "dockless.json");
  const cdk = [
    "npx",
    "cdk",
    "synth",
    "--quiet",
    "--no-notices",
    "--output",
    out,
    "--context",
    `config=${file}`,
  ];
  await writeFile(file, JSON.stringify({ urlLifetime: 86_400 }));
  const said = await run(cdk, { cwd: ROOT }).then(
    () => "nothing is wrong",
    (error: unknown) => String(error),
  );
  const [line] = said.split("\n").filter((text) => text.includes(`${file}: urlLifetime: `));
  if (line === undefined || said.includes("    at ")) throw new Error(said);
  await writeFile(file, JSON.stringify({ urlLifetime: 61 }));
  await run(cdk, { cwd: ROOT });
  const template = await readFile(join(out, "Dockless.template.json"), "utf8");
  if (!template.includes('"DOCKLESS_URL_LIFETIME": "61"')) throw new Error("it made another stack");
  return line;
}

/** The example as it stands, but that what it has as a workspace is this checkout. */
async function runExample(out: string): Promise<string> {
  const page = await readFile(join(ROOT, "docs/deploy.md"), "utf8");
  const [, example = ""] = /```ts\n([^`]+)```/.exec(page) ?? [];
  // Beside the dependencies, which Node looks for from there upwards.
  await mkdir(join(ROOT, ".cache"), { recursive: true });
  const app = join(await mkdtemp(join(ROOT, ".cache/example-")), "app.ts");
  try {
    await writeFile(app, example.replaceAll('"dockless/', `"${ROOT}/`));
    await run([process.execPath, app], { env: { ...process.env, CDK_OUTDIR: out } });
  } finally {
    await rm(dirname(app), { recursive: true, force: true });
  }
  const template = await readFile(join(out, "Images.template.json"), "utf8");
  if (!template.includes('"registry.example.org"')) throw new Error("it made another stack");
  return `${Object.keys(JSON.parse(template).Resources).length} resources`;
}
