import { join } from "node:path";
import { run } from "./command.ts";
import { BIN } from "./paths.ts";

const LOAD = join(BIN, "load");

export interface ReadTarget {
  readonly path: string;
  readonly length: number;
}

export interface ReadFigures {
  /** Those of the warm-up too, to set the server's CPU time against. */
  readonly answers: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuSeconds: number;
}

export interface TransferFigures {
  readonly digest: string;
  readonly seconds: number;
  /** Of a push's last request: by PATCH it has no body, by PUT it has all. */
  readonly closingSeconds: number;
  readonly clientCpuSeconds: number;
}

/** The generator is built on every run: Go's own cache makes that cheap, and it is never out of date. */
export async function buildLoad(): Promise<void> {
  await run("nice", ["go", "build", "-buildvcs=false", "-o", LOAD, "."], {
    cwd: join(import.meta.dirname, "load"),
  });
}

export async function read(options: {
  readonly url: string;
  readonly method: "GET" | "HEAD";
  readonly accept: string;
  readonly targets: readonly ReadTarget[];
  readonly connections: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}): Promise<ReadFigures> {
  const args = [
    ...["reads", "-addr", new URL(options.url).host, "-method", options.method, "-accept", options.accept],
    ...["-connections", String(options.connections)],
    ...["-warmup", `${options.warmupSeconds}s`, "-duration", `${options.seconds}s`],
  ];
  const input = options.targets.map(({ path, length }) => `${path} ${length}\n`).join("");
  return parseReadFigures(await run(LOAD, args, { input }));
}

/** Pushes a layer of fresh bytes. @param authorization the header, if one is needed */
export async function push(
  repository: string,
  form: "patch" | "put",
  size: number,
  authorization = "",
): Promise<TransferFigures> {
  const args = ["push", "-repository", repository, "-form", form, "-size", String(size)];
  return parseTransferFigures(await run(LOAD, args, { env: { LOAD_AUTHORIZATION: authorization } }));
}

export async function pull(repository: string, digest: string, size: number): Promise<TransferFigures> {
  const args = ["pull", "-repository", repository, "-digest", digest, "-size", String(size)];
  return parseTransferFigures(await run(LOAD, args));
}

/** Fails unless the bytes that come out have this digest. */
export async function verifyPull(repository: string, digest: string, size: number): Promise<void> {
  await run(LOAD, ["pull", "-verify", "-repository", repository, "-digest", digest, "-size", String(size)]);
}

function parseReadFigures(text: string): ReadFigures {
  return JSON.parse(text) as ReadFigures;
}

function parseTransferFigures(text: string): TransferFigures {
  return JSON.parse(text) as TransferFigures;
}
