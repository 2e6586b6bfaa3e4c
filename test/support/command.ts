import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const COMMAND = join(import.meta.dirname, "../../bin/dockless.ts");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** The `dockless` command as a process of its own, with all that it says. */
export class Command {
  readonly process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = "";
  #stderr = "";

  constructor(args: readonly string[], { env = {} }: CommandOptions = {}) {
    this.process = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...cleanEnvironment(), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#ended = once(this.process, "close");
    this.process.stdout?.setEncoding("utf8").on("data", (text) => {
      this.#stdout += text;
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#stderr += text;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  async ended(): Promise<Ended> {
    await this.#ended;
    return { code: this.process.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Ends it at once, however it is. */
  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill("SIGKILL");
    await this.#ended;
  }
}

/** Runs the command to its end. */
export async function dockless(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return await new Command(args, options).ended();
}

/** Without settings of whoever runs the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("DOCKLESS_"));
  return Object.fromEntries(entries);
}
