import { spawn } from "node:child_process";
import { once } from "node:events";

const NAMESPACE_VARIABLE = "SOAK_OWN_MOUNTS";

/**
 * Runs the command of this process again in its own mount namespace, if it runs as root: the mounts of the suite end with
 * that process, and no other process keeps them busy.
 * @returns the exit code, or undefined in the process that runs the suite
 */
export async function runInOwnNamespace(): Promise<number | undefined> {
  if (process.getuid?.() !== 0 || process.env[NAMESPACE_VARIABLE] !== undefined) return undefined;
  const command = ["--mount", process.execPath, ...process.argv.slice(1)];
  const child = spawn("unshare", command, {
    stdio: "inherit",
    env: { ...process.env, [NAMESPACE_VARIABLE]: "yes" },
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
