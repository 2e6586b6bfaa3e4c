import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Unit of CPU times reported by the kernel, on every architecture that Node supports. */
const TICK_SECONDS = 0.01;
const MAX_START_MILLISECONDS = 60_000;

/** Command line of a server. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Started server. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first HTTP response. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

/** Starts a server and waits for its first response, with any status. Its output is written to the log file. */
export async function launch(program: Program, port: number, logFile: string): Promise<ServerProcess> {
  const log = await open(logFile, "w");
  const url = `http://127.0.0.1:${port}`;
  const began = performance.now();
  const child = spawn(program.file, program.args, {
    stdio: ["ignore", log.fd, log.fd],
    env: { ...process.env, ...program.env },
  });
  const stopAtExit = () => child.kill("SIGKILL");
  process.once("exit", stopAtExit);
  try {
    await waitForResponse(child, url, began + MAX_START_MILLISECONDS);
  } catch (error) {
    child.kill("SIGKILL");
    throw new Error(`${program.file} did not start: ${await readFile(logFile, "utf8")}`, { cause: error });
  } finally {
    await log.close();
  }
  const startedInMs = performance.now() - began;
  const stop = async () => {
    process.removeListener("exit", stopAtExit);
    await stopProcess(child);
  };
  return { url, pid: child.pid ?? 0, startedInMs, stop };
}

async function waitForResponse(child: ChildProcess, url: string, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it exited with code ${child.exitCode}`);
    if (await isResponding(url)) return;
    await sleep(2);
  }
  throw new Error(`no response within ${MAX_START_MILLISECONDS} ms`);
}

function isResponding(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/v2/`, { agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    request.on("error", () => resolve(false));
  });
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), 10_000);
  await ended;
  clearTimeout(killer);
}

/** Returns a free port of the loopback interface. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

/** Returns the resident memory in bytes: current (`VmRSS`) and maximum (`VmHWM`). */
export async function memory(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** Returns the CPU time of a process in seconds, on all its threads. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}
