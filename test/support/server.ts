import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const COMMAND = join(import.meta.dirname, "../../bin/dockless.js");

/** Server process. */
export interface RunningServer {
  /** URL, for example `http://127.0.0.1:41234`. */
  readonly url: string;
  readonly pid: number;
  readonly data: string;
  /** Sends a signal (SIGTERM by default). @returns the exit code once the process has exited */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Stops the server and deletes its data. */
  dispose(): Promise<void>;
}

interface StartOptions {
  readonly data?: string;
  readonly args?: readonly string[];
  /** Environment variables in addition to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `dockless serve` in a separate process on a free port, and waits until it is ready. */
export async function startServer(options: StartOptions = {}): Promise<RunningServer> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), "dockless-")));
  const child = spawn(
    process.execPath,
    [COMMAND, "serve", "--port", "0", "--data", data, ...(options.args ?? [])],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...options.env } },
  );
  void forwardFailures(child);
  const url = await readyUrl(child);
  const stop = (signal: NodeJS.Signals = "SIGTERM") => stopProcess(child, signal);
  const dispose = async () => {
    await stop();
    await rm(data, { recursive: true, force: true });
  };
  return { url, pid: child.pid ?? 0, data, stop, dispose };
}

/** Forwards the server's standard error, except for the audit log. */
async function forwardFailures({ stderr }: ChildProcess): Promise<void> {
  if (stderr === null) throw new Error("the server's standard error is not piped");
  for await (const line of createInterface({ input: stderr }))
    if (!line.includes('"event":')) process.stderr.write(`${line}\n`);
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the server's output is not piped");
  for await (const line of createInterface({ input: child.stdout })) {
    const ready = /^dockless listening on (\S+)$/.exec(line);
    if (ready?.[1] !== undefined) {
      child.stdout.resume();
      return ready[1];
    }
  }
  throw new Error(`the server exited with code ${child.exitCode} before it was ready`);
}

async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  child.kill(signal);
  return await ended;
}
