import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../clients/support/process.ts";
import { Report } from "../../soak/report.ts";
import { installCfnLint, lint } from "./cfn-lint.ts";
import { requireFindings, requireNoFindings } from "./nag.ts";
import { synthesized } from "./synthesized.ts";
import { VARIANTS } from "./variants.ts";

/** Regions with web functions in which registries are most likely. */
const REGIONS = ["us-east-1", "us-west-2", "eu-central-1", "eu-west-1", "ap-northeast-1", "ap-southeast-1"];
/** Region without web functions, where a container takes uploads. */
const WITHOUT_WEB_FUNCTIONS = "eu-south-1";

const ROOT = join(import.meta.dirname, "../../..");

const report = new Report();
const folder = await mkdtemp(join(tmpdir(), "dockless-lint-"));
try {
  await report.case("cdk synth without warnings", () => synthesize(join(folder, "cdk.out")));
  await report.case("cdk synth of an invalid access file", () => refuse(join(folder, "refused.out")));
  await report.case("cdk synth with a file of options", () => configure(join(folder, "configured.out")));
  await report.case("the app of docs/deploy.md", () => runExample(join(folder, "example")));
  await report.case("cdk-nag reports violations", requireFindings);
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

/** Synthesizes like a user. @throws Error for warnings and other unexpected output */
async function synthesize(out: string): Promise<string> {
  const cdk = ["npx", "cdk", "synth", "--strict", "--quiet", "--no-notices", "--output", out];
  const { stdout, stderr } = await run(cdk, { cwd: ROOT });
  const output = `${stdout}${stderr}`
    .split("\n")
    .filter((line) => /warning|deprecat|feature flag/i.test(line));
  const unexpected = output.filter((line) => !line.startsWith("npm "));
  if (unexpected.length > 0) throw new Error(unexpected.join("\n"));
  const names = await readdir(out);
  return `${names.filter((name) => name.startsWith("asset.")).length} assets`;
}

/** Verifies the error message for an invalid access file: the file, and the position in it. */
async function refuse(out: string): Promise<string> {
  const file = join(folder, "access.json");
  const grants = [{ subject: "anonymous", pattern: "Acme", actions: ["pull"] }];
  await writeFile(file, JSON.stringify({ grants }));
  const cdk = ["npx", "cdk", "synth", "--quiet", "--no-notices", "--output", out];
  const output = await run([...cdk, "--context", `access=${file}`], { cwd: ROOT }).then(
    () => "no error was reported",
    (error: unknown) => String(error),
  );
  const [line] = output.split("\n").filter((text) => text.includes(`${file}: grants[0].pattern: `));
  if (line === undefined || output.includes("    at ")) throw new Error(output);
  return line;
}

/** Verifies the error message for an invalid file of options, and the stack for a valid one. */
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
  const output = await run(cdk, { cwd: ROOT }).then(
    () => "no error was reported",
    (error: unknown) => String(error),
  );
  const [line] = output.split("\n").filter((text) => text.includes(`${file}: urlLifetime: `));
  if (line === undefined || output.includes("    at ")) throw new Error(output);
  await writeFile(file, JSON.stringify({ urlLifetime: 61 }));
  await run(cdk, { cwd: ROOT });
  const template = await readFile(join(out, "Dockless.template.json"), "utf8");
  if (!template.includes('"DOCKLESS_URL_LIFETIME": "61"'))
    throw new Error("it synthesized a different stack");
  return line;
}

/** Runs the example unchanged, with this checkout as its workspace. */
async function runExample(out: string): Promise<string> {
  const page = await readFile(join(ROOT, "docs/deploy.md"), "utf8");
  const [, example = ""] = /```ts\n([^`]+)```/.exec(page) ?? [];
  // The folder is below the dependencies, which Node searches in parent folders.
  await mkdir(join(ROOT, ".cache"), { recursive: true });
  const app = join(await mkdtemp(join(ROOT, ".cache/example-")), "app.ts");
  try {
    await writeFile(app, example.replaceAll('"dockless/', `"${ROOT}/`));
    await run([process.execPath, app], { env: { ...process.env, CDK_OUTDIR: out } });
  } finally {
    await rm(dirname(app), { recursive: true, force: true });
  }
  const template = await readFile(join(out, "Images.template.json"), "utf8");
  if (!template.includes('"registry.example.org"')) throw new Error("it synthesized a different stack");
  return `${Object.keys(JSON.parse(template).Resources).length} resources`;
}
