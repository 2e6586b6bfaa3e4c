import { join } from "node:path";
import { run } from "./command.ts";
import { PROGRAMS_FOLDER } from "./paths.ts";

const LOAD_PROGRAM = join(PROGRAMS_FOLDER, "load");

/** Path to read, and the expected length of the response in bytes. */
export interface ReadTarget {
  readonly path: string;
  readonly length: number;
}

/** Measurements of reads. */
export interface ReadFigures {
  /** Number of responses including the warm-up, for comparison with the server's CPU time. */
  readonly responses: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuSeconds: number;
}

/** Measurements of a push or pull. */
export interface TransferFigures {
  readonly digest: string;
  readonly seconds: number;
  /** Seconds of a push's last request: without a body after a PATCH, with the whole body for a PUT. */
  readonly closingSeconds: number;
  readonly clientCpuSeconds: number;
}

/** Builds the load generator on every run: Go's cache makes that cheap, and the program is always up to date. */
export async function buildLoad(): Promise<void> {
  await run("nice", ["go", "build", "-buildvcs=false", "-o", LOAD_PROGRAM, "."], {
    cwd: join(import.meta.dirname, "load"),
  });
}

/** Measures reads. */
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
  return parseReadFigures(await run(LOAD_PROGRAM, args, { input }));
}

/** Pushes a layer of new random bytes. @param authorization value of the header, if required */
export async function push(
  repository: string,
  form: "patch" | "put",
  size: number,
  authorization = "",
): Promise<TransferFigures> {
  const args = ["push", "-repository", repository, "-form", form, "-size", String(size)];
  return parseTransferFigures(await run(LOAD_PROGRAM, args, { env: { LOAD_AUTHORIZATION: authorization } }));
}

/** Measures a pull. */
export async function pull(repository: string, digest: string, size: number): Promise<TransferFigures> {
  const args = ["pull", "-repository", repository, "-digest", digest, "-size", String(size)];
  return parseTransferFigures(await run(LOAD_PROGRAM, args));
}

/** Pulls a blob and verifies its digest. @throws Error when the bytes do not have it */
export async function verifyPull(repository: string, digest: string, size: number): Promise<void> {
  await run(LOAD_PROGRAM, [
    "pull",
    "-verify",
    "-repository",
    repository,
    "-digest",
    digest,
    "-size",
    String(size),
  ]);
}

function parseReadFigures(text: string): ReadFigures {
  return JSON.parse(text) as ReadFigures;
}

function parseTransferFigures(text: string): TransferFigures {
  return JSON.parse(text) as TransferFigures;
}
