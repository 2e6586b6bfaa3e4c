import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const COMMAND = join(import.meta.dirname, "../../bin/dockless.js");

/** Exit code and output of a command. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment and input of a command. */
export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Process of the `dockless` command, and its output. */
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

  async ended(): Promise<CommandResult> {
    await this.#ended;
    return { code: this.process.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  /** Kills the process. */
  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill("SIGKILL");
    await this.#ended;
  }
}

/** Runs the command until it exits. */
export async function dockless(
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return await new Command(args, options).ended();
}

/** Returns the environment without settings of the user who runs the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith("DOCKLESS_"));
  return Object.fromEntries(entries);
}
