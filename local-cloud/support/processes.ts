import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Range below the ephemeral ports, so that no other connection or server takes a port between its selection and its use. */
const PORT_RANGE = { least: 15_000, most: 32_000 } as const;

/** Returns a port that is currently free on the loopback interface. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORT_RANGE.least, PORT_RANGE.most);
    const server = createServer().listen(port, "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}

/** A running process. */
export interface RunningProcess {
  readonly pid: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program and waits until its URL responds, with any status. */
export async function startProcess(
  command: readonly string[],
  url: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningProcess> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...env },
  });
  return await waitUntilReady(child, url);
}

/** Waits until a process responds at the URL, with any status. */
export async function waitUntilReady(child: ChildProcess, url: string): Promise<RunningProcess> {
  if (child.pid === undefined) {
    const [error]: unknown[] = await once(child, "error").catch((reason: unknown) => [reason]);
    throw new Error(`cannot start ${child.spawnfile}: install it`, { cause: error });
  }
  let errorOutput = "";
  child.stdout?.resume();
  child.stderr?.on("data", (text) => {
    errorOutput = `${errorOutput}${text}`.slice(-2000);
  });
  await waitForResponse(child, url, () => errorOutput);
  return { pid: child.pid ?? 0, stop: (signal = "SIGTERM") => stop(child, signal) };
}

async function waitForResponse(child: ChildProcess, url: string, errorOutput: () => string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended: ${errorOutput()}`);
    const isReady = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isReady) return;
    await sleep(100);
  }
  child.kill("SIGKILL");
  throw new Error(`${child.spawnfile} does not respond at ${url}: ${errorOutput()}`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
