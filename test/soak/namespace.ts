import { spawn } from "node:child_process";
import { once } from "node:events";

const MARK = "SOAK_OWN_MOUNTS";

/**
 * Runs this process's command again, in a separate mount namespace: its mounts disappear with it, and no
 * other process keeps them busy.
 * @returns the exit code, or undefined in the process that has to do the work
 */
export async function runInOwnNamespace(): Promise<number | undefined> {
  if (process.getuid?.() !== 0 || process.env[MARK] !== undefined) return undefined;
  const command = ["--mount", process.execPath, ...process.argv.slice(1)];
  const child = spawn("unshare", command, { stdio: "inherit", env: { ...process.env, [MARK]: "yes" } });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, "exit");
  return typeof code === "number" ? code : 1;
}
