import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");

/** Synthesizes the stack, unless its output exists. @param again whether to repeat it @param args arguments for `cdk synth` */
export async function synthesize(out: string, again: boolean, args: readonly string[] = []): Promise<void> {
  if (!again && existsSync(join(out, "manifest.json"))) return;
  console.log(`synthesizing into ${out}`);
  const child = spawn("npx", ["cdk", "synth", "--quiet", "--output", out, ...args], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`cdk synth exited with code ${code}`);
}
