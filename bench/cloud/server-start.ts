import { spawn } from "node:child_process";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../local-cloud/support/processes.ts";

/** Milliseconds between two tries to reach it. */
const PAUSE = 1;
/** Milliseconds after which it is given up. */
const PATIENCE = 10_000;

export interface ServerStart {
  /** The program of a web function. */
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly path: string;
  readonly status: number;
}

/** @returns milliseconds from the start of the process to its first answer @throws Error when that is another one */
export async function firstAnswerOfServer({ file, variables, path, status }: ServerStart): Promise<number> {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const begun = performance.now();
  const env = { ...variables, AWS_LAMBDA_HTTP_ENDPOINT: endpoint };
  const server = spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(server, "exit");
  try {
    const came = await firstStatus(`http://${endpoint}${path}`, begun + PATIENCE);
    const milliseconds = performance.now() - begun;
    if (came === status) return milliseconds;
    throw new Error(`GET ${path} by ${file}: ${came}`);
  } finally {
    server.kill("SIGKILL");
    await ended;
  }
}

async function firstStatus(url: string, end: number): Promise<number | undefined> {
  for (;;) {
    try {
      const [answer]: IncomingMessage[] = await once(get(url, { agent: false }), "response");
      answer?.resume();
      return answer?.statusCode;
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(PAUSE);
    }
  }
}
