import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/processes.ts";

/**
 * "Your server must begin listening ... within 10 seconds."
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-env-lifecycle.html
 */
const LISTENING_MILLISECONDS = 10_000;

/** Megabytes; every environment has as much. */
const MEMORY = 2048;

export interface WebEnvironmentOptions {
  /** The folder with the code. */
  readonly task: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: Writable;
}

/** One execution environment of a web function: a server process that answers many requests at once. */
export class WebEnvironment {
  readonly port: number;
  /** Requests that it works on now. */
  active = 0;
  /** Whether it gets no more requests. */
  isLeaving = false;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** @throws Error when it does not listen in time */
  static async start({ task, variables, log }: WebEnvironmentOptions): Promise<WebEnvironment> {
    const port = await freePort();
    const args = [`--max-old-space-size=${MEMORY}`, join(task, "index.js")];
    const child = spawn(process.execPath, args, {
      cwd: task,
      env: {
        PATH: "/usr/local/bin:/usr/bin:/bin",
        LANG: "en_US.UTF-8",
        TZ: ":UTC",
        LAMBDA_TASK_ROOT: task,
        AWS_LAMBDA_HTTP_ENDPOINT: `127.0.0.1:${port}`,
        ...variables,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    const environment = new WebEnvironment(child, port);
    await environment.#listening();
    return environment;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  kill(): void {
    if (this.isAlive) this.#child.kill("SIGKILL");
  }

  async ended(): Promise<void> {
    if (this.isAlive) await once(this.#child, "exit");
  }

  async #listening(): Promise<void> {
    const end = performance.now() + LISTENING_MILLISECONDS;
    while (performance.now() < end && this.isAlive) {
      if (await accepts(this.port)) return;
      await sleep(20);
    }
    const how = this.isAlive ? "does not listen on AWS_LAMBDA_HTTP_ENDPOINT" : "has ended";
    this.kill();
    throw new Error(`the web function's process ${how}`);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
