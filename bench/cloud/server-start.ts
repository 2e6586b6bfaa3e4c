import { spawn } from "node:child_process";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../local-cloud/support/processes.ts";

/** Delay between two connection attempts. */
const RETRY_DELAY_MILLISECONDS = 1;
/** Time limit of a start in milliseconds. */
const MAX_START_MILLISECONDS = 10_000;

export interface ServerStart {
  /** Entry file of a web function. */
  readonly file: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

interface FirstRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Measures a start. @returns milliseconds from the start of the process to its first response @throws Error for another status */
export async function firstResponseOfServer({
  file,
  variables,
  path,
  headers,
  status,
}: ServerStart): Promise<number> {
  const endpoint = `127.0.0.1:${await freePort()}`;
  const begun = performance.now();
  const env = { ...variables, AWS_LAMBDA_HTTP_ENDPOINT: endpoint };
  const server = spawn(process.execPath, [file], { env, stdio: ["ignore", "ignore", "inherit"] });
  const ended = once(server, "exit");
  try {
    const actual = await firstStatus(
      { url: `http://${endpoint}${path}`, headers },
      begun + MAX_START_MILLISECONDS,
    );
    const milliseconds = performance.now() - begun;
    if (actual === status) return milliseconds;
    throw new Error(`GET ${path} by ${file}: ${actual}`);
  } finally {
    server.kill("SIGKILL");
    await ended;
  }
}

async function firstStatus({ url, headers }: FirstRequest, end: number): Promise<number | undefined> {
  for (;;) {
    try {
      const [response]: IncomingMessage[] = await once(get(url, { headers, agent: false }), "response");
      response?.resume();
      return response?.statusCode;
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(RETRY_DELAY_MILLISECONDS);
    }
  }
}
