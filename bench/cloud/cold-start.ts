import { spawnSync } from "node:child_process";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { API_BUNDLE, build, STREAM_BUNDLE } from "../../lib/cloud/bundle.ts";
import { SCRATCH } from "../paths.ts";

const EMPTY = "exports.handler = async () => ({ statusCode: 200, headers: {}, isBase64Encoded: false });\n";

export interface ColdStart {
  /** What is asked. */
  readonly title: string;
  /** Milliseconds from the start of the process to the answer, for each start. */
  readonly empty: readonly number[];
  readonly api: readonly number[];
}

export interface ColdStartOptions {
  readonly starts: number;
  /** Of the stores, as the functions have it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Each by its title. */
  readonly requests: Readonly<Record<string, FirstRequest>>;
}

interface FirstRequest {
  readonly path: string;
  readonly authorization: string;
  /** That the token is for. */
  readonly host: string;
  /** What the function answers with; the empty handler always with 200. */
  readonly status: number;
}

/** Starts the bundle that is deployed, and an empty handler, in turn. */
export async function measureColdStarts({
  starts,
  variables,
  requests,
}: ColdStartOptions): Promise<readonly ColdStart[]> {
  return await withBundles(async ({ empty, api }) =>
    Object.entries(requests).map(([title, request]) => {
      const figures = { title, empty: [] as number[], api: [] as number[] };
      for (let i = 0; i < starts; i++) {
        figures.empty.push(firstAnswer(empty, { ...request, status: 200 }, variables));
        figures.api.push(firstAnswer(api, request, variables));
      }
      return figures;
    }),
  );
}

async function withBundles<T>(work: (files: { empty: string; api: string }) => Promise<T>): Promise<T> {
  const folder = join(SCRATCH, `cold-start-${process.pid}`);
  await mkdir(folder, { recursive: true });
  try {
    build(API_BUNDLE, folder);
    await writeFile(join(folder, "empty.js"), EMPTY);
    // On Lambda, no package.json above says what kind of modules these are.
    await writeFile(join(folder, "package.json"), "{}");
    return await work({ empty: join(folder, "empty.js"), api: join(folder, "index.js") });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function firstAnswer(
  file: string,
  { path, authorization, host, status }: FirstRequest,
  variables: Readonly<Record<string, string>>,
): number {
  const program = join(import.meta.dirname, "first-answer.cjs");
  const env = { ...variables, AUTHORIZATION: authorization, TOKEN_HOST: host };
  const begun = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, [program, file, path], { env });
  const milliseconds = performance.now() - begun;
  if (stdout.toString().endsWith(String(status))) return milliseconds;
  throw new Error(`GET ${path} by ${file}: ${stdout} ${stderr}`);
}

/** Bytes of each file of each bundle. */
export async function bundleSizes(): Promise<Readonly<Record<string, number>>> {
  const sizes: Record<string, number> = {};
  for (const [name, bundle] of Object.entries({ api: API_BUNDLE, stream: STREAM_BUNDLE })) {
    const folder = join(SCRATCH, `bundle-${process.pid}`);
    build(bundle, folder);
    for (const file of await readdir(folder))
      sizes[`${name}/${file}`] = (await stat(join(folder, file))).size;
    await rm(folder, { recursive: true });
  }
  return sizes;
}
