import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../support/processes.ts";

/**
 * Maximum start-up time in milliseconds: "Your server must begin listening ... within 10 seconds."
 * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-env-lifecycle.html
 */
const MAX_START_MILLISECONDS = 10_000;

/** Delay between SIGTERM and SIGKILL in milliseconds: "After SIGTERM, the process has up to 1 second to complete cleanup." */
const SHUTDOWN_MILLISECONDS = 1000;

/** Memory per environment in megabytes. */
const MEMORY_MEGABYTES = 2048;

/** Options for `WebEnvironment.start`. */
export interface WebEnvironmentOptions {
  /** Folder that contains the code. */
  readonly task: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly log: Writable;
}

/** Execution environment of a web function: a server process that handles requests concurrently. */
export class WebEnvironment {
  readonly port: number;
  /** Number of requests in progress. */
  active = 0;
  /** Whether the environment receives no further requests. */
  isRetired = false;
  readonly #child: ChildProcess;
  #isShuttingDown = false;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Starts the process. @throws Error when it does not listen in time */
  static async start({ task, variables, log }: WebEnvironmentOptions): Promise<WebEnvironment> {
    const port = await freePort();
    const args = [`--max-old-space-size=${MEMORY_MEGABYTES}`, join(task, "index.js")];
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
    await environment.#waitUntilListening();
    return environment;
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /**
   * Shuts down the environment, which receives no further requests: SIGTERM, followed by SIGKILL one second later.
   * @see https://docs.aws.amazon.com/lambda/latest/dg/web-functions-env-lifecycle.html
   */
  shutDown(): void {
    this.isRetired = true;
    if (!this.isAlive || this.#isShuttingDown) return;
    this.#isShuttingDown = true;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), SHUTDOWN_MILLISECONDS);
    this.#child.once("exit", () => clearTimeout(timer));
  }

  get isShuttingDown(): boolean {
    return this.#isShuttingDown;
  }

  /** Kills the process. */
  kill(): void {
    if (this.isAlive) this.#child.kill("SIGKILL");
  }

  /** Waits until the process has exited. */
  async waitForExit(): Promise<void> {
    if (this.isAlive) await once(this.#child, "exit");
  }

  async #waitUntilListening(): Promise<void> {
    const end = performance.now() + MAX_START_MILLISECONDS;
    while (performance.now() < end && this.isAlive) {
      if (await isListening(this.port)) return;
      await sleep(20);
    }
    const problem = this.isAlive ? "does not listen on AWS_LAMBDA_HTTP_ENDPOINT" : "has exited";
    this.kill();
    throw new Error(`the web function's process ${problem}`);
  }
}

async function isListening(port: number): Promise<boolean> {
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
