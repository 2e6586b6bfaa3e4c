import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { get } from "node:http";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** The kernel counts CPU time in these on every architecture that Node runs on. */
const TICK_SECONDS = 0.01;
const START_LIMIT_MS = 60_000;

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to its first answer over HTTP. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

/** Starts a server and waits for its first answer, whatever its status. Its output goes to the log file. */
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
    await firstAnswer(child, url, began + START_LIMIT_MS);
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

async function firstAnswer(child: ChildProcess, url: string, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    if (await answers(url)) return;
    await sleep(2);
  }
  throw new Error(`no answer in ${START_LIMIT_MS} ms`);
}

function answers(url: string): Promise<boolean> {
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

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}

/** Resident memory in bytes: now (`VmRSS`) and at its highest (`VmHWM`). */
export async function memory(pid: number): Promise<{ readonly now: number; readonly peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const bytes = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { now: bytes("VmRSS"), peak: bytes("VmHWM") };
}

/** Seconds of CPU that the process has used so far, on all its threads. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_SECONDS;
}
