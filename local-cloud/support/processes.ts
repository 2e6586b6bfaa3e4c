import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Below those that connections and servers without a port of their own get: none of these takes one meanwhile. */
const PORTS = { least: 15_000, most: 32_000 } as const;

/** A port of the loopback interface that is free now. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.least, PORTS.most);
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

export interface RunningProcess {
  readonly pid: number;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a program and waits until its URL answers, with whatever status. */
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
  return await ready(child, url);
}

/** Waits until the URL of a process answers, with whatever status. */
export async function ready(child: ChildProcess, url: string): Promise<RunningProcess> {
  if (child.pid === undefined) {
    const [error]: unknown[] = await once(child, "error").catch((reason: unknown) => [reason]);
    throw new Error(`cannot run ${child.spawnfile}: install it`, { cause: error });
  }
  let complaints = "";
  child.stdout?.resume();
  child.stderr?.on("data", (text) => {
    complaints = `${complaints}${text}`.slice(-2000);
  });
  await untilAnswering(child, url, () => complaints);
  return { pid: child.pid ?? 0, stop: (signal = "SIGTERM") => stop(child, signal) };
}

async function untilAnswering(child: ChildProcess, url: string, complaints: () => string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended: ${complaints()}`);
    const answered = await fetch(url).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await sleep(100);
  }
  child.kill("SIGKILL");
  throw new Error(`${child.spawnfile} does not answer at ${url}: ${complaints()}`);
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
