import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../paths.ts";
import type { Account } from "./traffic.ts";

/** Statistics of a function that the benchmark uses. */
interface FunctionUsage {
  readonly invocations: number;
  readonly billedMs: number;
  readonly environments: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly denied: readonly string[];
}

export type Usage = Readonly<Record<string, FunctionUsage>>;

const READY_MILLISECONDS = 180_000;

/** Synthesized stack on this machine: `npm run cloud`. */
export class LocalCloud {
  readonly url: string;
  readonly #control: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, url: string, control: string) {
    this.#process = process;
    this.url = url;
    this.#control = control;
  }

  static async start(): Promise<LocalCloud> {
    const program = join(ROOT, "local-cloud/run.ts");
    const child = spawn(process.execPath, [program, "--synth"], { stdio: ["ignore", "pipe", "inherit"] });
    const timer = setTimeout(() => child.kill(), READY_MILLISECONDS);
    const places = new Map<string, string>();
    for await (const line of createInterface({ input: child.stdout })) {
      const [, what = "", url = ""] = /^(.+) on (http:\S+)$/.exec(line) ?? [];
      places.set(what, url);
      if (what === "cloud ready") break;
    }
    clearTimeout(timer);
    const [url, control] = [places.get("cloud ready"), places.get("control")];
    if (url === undefined || control === undefined) throw new Error("the local cloud did not start");
    return new LocalCloud(child, url, control);
  }

  /** Returns the statistics of the functions while work is done. @throws Error when a call was denied */
  async during(work: () => Promise<void>): Promise<Usage> {
    await fetch(`${this.#control}/reset`, { method: "POST" });
    await work();
    const response = await fetch(`${this.#control}/stats`);
    const { functions } = (await response.json()) as { readonly functions: Usage };
    const denied = Object.values(functions).flatMap((usage) => usage.denied);
    if (denied.length > 0) throw new Error(`calls that the stack does not allow: ${denied.join(", ")}`);
    return functions;
  }

  /** Returns the statistics of the functions while work is done several times. */
  async repeat(times: number, work: () => Promise<unknown>): Promise<Usage> {
    return await this.during(async () => {
      for (let i = 0; i < times; i++) await work();
    });
  }

  /** Returns the variables with which the functions find their stores, with endpoints that do not check permissions. */
  async variables(): Promise<Readonly<Record<string, string>>> {
    const place = (await (await fetch(`${this.#control}/place`)).json()) as {
      readonly endpoints: { readonly s3Url: string; readonly dynamoUrl: string };
      readonly env: Readonly<Record<string, string>>;
      readonly variables: Readonly<Record<string, string>>;
    };
    const { s3Url, dynamoUrl } = place.endpoints;
    const endpoints = { AWS_ENDPOINT_URL_S3: s3Url, AWS_ENDPOINT_URL_DYNAMODB: dynamoUrl };
    return { ...place.env, ...place.variables, ...endpoints };
  }

  async account(): Promise<Account> {
    return (await (await fetch(`${this.#control}/account`)).json()) as Account;
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}
