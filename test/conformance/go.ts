import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Runs the Go toolchain. @returns its standard output @throws Error with its error output when it fails */
export async function go(args: readonly string[], environment: Record<string, string> = {}): Promise<string> {
  const child = spawn("go", args, {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 600_000,
  });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code !== 0) throw new Error(`go ${args.join(" ")}: ${(errors || output).trim()}`);
  return output;
}
