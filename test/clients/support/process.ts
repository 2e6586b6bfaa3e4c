import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
  /** Milliseconds. @default five minutes */
  readonly timeout?: number;
}

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

export interface Daemon {
  stop(): Promise<void>;
}

const FIVE_MINUTES = 300_000;
const LINES_SHOWN = 15;
const running = new Set<ChildProcess>();

/** Runs a program until it exits. @throws Error with the end of its output when it fails or takes too long */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Output> {
  const timeout = options.timeout ?? FIVE_MINUTES;
  const child = start(command, options, "pipe");
  const late = setTimeout(() => signalGroup(child, "SIGKILL"), timeout);
  try {
    child.stdin?.end(options.input ?? "");
    const [stdout, stderr, [code, signal]] = await Promise.all([
      child.stdout === null ? "" : text(child.stdout),
      child.stderr === null ? "" : text(child.stderr),
      once(child, "close"),
    ]);
    if (code === 0) return { stdout, stderr };
    const end = signal === null ? `ended with code ${code}` : `was ended by ${signal} (limit: ${timeout} ms)`;
    throw new Error(`${command.join(" ")} ${end}\n${endOf(stdout + stderr)}`);
  } finally {
    clearTimeout(late);
    running.delete(child);
  }
}

/** Starts a background program, with its output in a file, and waits until it is ready. */
export async function startDaemon(
  command: readonly string[],
  options: RunOptions & { readonly log: string; readonly isReady: () => Promise<boolean> },
): Promise<Daemon> {
  const log = await open(options.log, "a");
  const child = start(command, options, log.fd);
  await once(child, "spawn").finally(() => log.close());
  const deadline = Date.now() + 60_000;
  while (!(await options.isReady())) {
    if (child.exitCode === null && Date.now() < deadline) {
      await sleep(200);
      continue;
    }
    await stopDaemon(child);
    throw new Error(`${command[0]} did not become ready\n${endOf(await readFile(options.log, "utf8"))}`);
  }
  return { stop: () => stopDaemon(child) };
}

/** Stops all programs that are still running, so that an interrupted run leaves none behind. */
export function killAll(): void {
  for (const child of running) signalGroup(child, "SIGTERM");
}

function start(command: readonly string[], options: RunOptions, output: "pipe" | number): ChildProcess {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("no program to run");
  const { cwd, env } = options;
  const child = spawn(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: env ?? process.env,
    stdio: [output === "pipe" ? "pipe" : "ignore", output, output],
    // In a separate process group, so that its child processes are stopped with it.
    detached: true,
  });
  // A program may exit without reading its input.
  child.stdin?.on("error", () => {});
  running.add(child);
  return child;
}

async function stopDaemon(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => signalGroup(child, "SIGKILL"), 20_000);
  await ended;
  clearTimeout(late);
}

/** Signals a program's child processes even after the program itself has exited. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // All its processes have exited.
  }
}

function endOf(output: string): string {
  const lines = stripVTControlCharacters(output).split(/[\r\n]+/);
  return lines
    .filter((line) => line.trim() !== "")
    .slice(-LINES_SHOWN)
    .join("\n");
}
