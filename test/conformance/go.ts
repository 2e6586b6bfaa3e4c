import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Runs the Go toolchain and resolves to what it printed. */
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

/**
 * Whether the module proxy answered that it does not have this version or does not give it out, as against a network that
 * is down, a checksum that differs, or a module that is missing among what the version needs.
 */
export function isRefusal(error: Error, version: string): boolean {
  return error.message
    .split(/\n|\\n/)
    .some((line) => line.includes(`/@v/${version}.`) && /: (?:403|404|410) [A-Z]/.test(line));
}
