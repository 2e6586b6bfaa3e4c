import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

/** Options of a program. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Text for the standard input. */
  readonly input?: string;
  /** Time limit in milliseconds. @default five minutes */
  readonly timeout?: number;
}

/** Output of a program. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** A running daemon. */
export interface Daemon {
  stop(): Promise<void>;
}

const RUN_TIMEOUT_MILLISECONDS = 300_000;
const MAX_REPORTED_LINES = 15;
const running = new Set<ChildProcess>();

/** Runs a program. @throws Error with the end of its output when it fails or exceeds the time limit */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Output> {
  const timeout = options.timeout ?? RUN_TIMEOUT_MILLISECONDS;
  const child = start(command, options, "pipe");
  const killTimer = setTimeout(() => signalGroup(child, "SIGKILL"), timeout);
  try {
    child.stdin?.end(options.input ?? "");
    const [stdout, stderr, [code, signal]] = await Promise.all([
      child.stdout === null ? "" : text(child.stdout),
      child.stderr === null ? "" : text(child.stderr),
      once(child, "close"),
    ]);
    if (code === 0) return { stdout, stderr };
    const outcome =
      signal === null ? `exited with ${code}` : `was ended by ${signal} (time limit: ${timeout} ms)`;
    throw new Error(`${command.join(" ")} ${outcome}\n${endOf(stdout + stderr)}`);
  } finally {
    clearTimeout(killTimer);
    running.delete(child);
  }
}

/** Starts a daemon, writes its output to a log file, and waits until it is ready. @throws Error with the end of the log */
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

/** Ends all running programs, so that an interrupted run leaves no process behind. */
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
    // Own process group: signals also reach the processes that the program starts.
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
  const killTimer = setTimeout(() => signalGroup(child, "SIGKILL"), 20_000);
  await ended;
  clearTimeout(killTimer);
}

/** Sends a signal to the processes that a program started, even when the program itself has ended. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The process group has ended.
  }
}

function endOf(output: string): string {
  const lines = stripVTControlCharacters(output).split(/[\r\n]+/);
  return lines
    .filter((line) => line.trim() !== "")
    .slice(-MAX_REPORTED_LINES)
    .join("\n");
}
