import { spawnSync } from "node:child_process";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { API_BUNDLE, buildBundle, STREAM_BUNDLE } from "../../lib/cloud/compute/bundle.ts";
import { EDGE_HOST_HEADER, ORIGIN_SECRET_HEADER } from "../../lib/ports/headers.ts";
import { SCRATCH_FOLDER } from "../paths.ts";
import { firstResponseOfServer } from "./server-start.ts";

/** Handlers without work, which measure the runtime's share of a cold start. */
const EMPTY = "exports.handler = async () => ({ statusCode: 200, headers: {}, isBase64Encoded: false });\n";
const EMPTY_SERVER = `
  const { hostname, port } = new URL("http://" + process.env.AWS_LAMBDA_HTTP_ENDPOINT);
  require("node:http").createServer((_, response) => response.end()).listen(port, hostname);
`;

export interface ColdStart {
  /** Title of the request. */
  readonly title: string;
  /** Milliseconds from the start of the process to the response, for each start. */
  readonly empty: readonly number[];
  readonly bundle: readonly number[];
}

export interface ColdStartOptions {
  readonly starts: number;
  /** Variables of the stores in the functions' environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Requests to the event functions, by title. */
  readonly requests: Readonly<Record<string, FirstRequest>>;
}

interface FirstRequest {
  readonly path: string;
  readonly authorization: string;
  /** Host that the token is issued for. */
  readonly host: string;
  /** Expected status of the function; the empty handler always returns 200. */
  readonly status: number;
}

/** Starts the deployed bundles and empty ones in turn. */
export async function measureColdStarts({
  starts,
  variables,
  requests,
}: ColdStartOptions): Promise<readonly ColdStart[]> {
  return await withBundles(async ({ empty, api, emptyServer, stream }) => {
    const figures: ColdStart[] = [];
    for (const [what, request] of Object.entries(requests)) {
      const start = { empty: { ...request, file: empty, status: 200 }, bundle: { ...request, file: api } };
      const title = `api: ${what}`;
      figures.push({ title, ...(await inTurn(starts, start, async (it) => firstAnswer(it, variables))) });
    }
    const common = { variables, path: "/v2/", headers: edgeHeaders(variables) };
    const servers = {
      empty: { ...common, file: emptyServer, status: 200 },
      bundle: { ...common, file: stream, status: 401 },
    };
    const title = "stream: GET /v2/, which is challenged";
    return [...figures, { title, ...(await inTurn(starts, servers, firstResponseOfServer)) }];
  });
}

interface Pair<T> {
  readonly empty: T;
  readonly bundle: T;
}

async function inTurn<T>(times: number, { empty, bundle }: Pair<T>, measure: (it: T) => Promise<number>) {
  const figures = { empty: [] as number[], bundle: [] as number[] };
  for (let i = 0; i < times; i++) {
    figures.empty.push(await measure(empty));
    figures.bundle.push(await measure(bundle));
  }
  return figures;
}

interface Files {
  readonly empty: string;
  readonly api: string;
  readonly emptyServer: string;
  readonly stream: string;
}

async function withBundles<T>(work: (files: Files) => Promise<T>): Promise<T> {
  const folder = join(SCRATCH_FOLDER, `cold-start-${process.pid}`);
  const files = {
    empty: join(folder, "empty.js"),
    api: join(folder, "api/index.js"),
    emptyServer: join(folder, "empty-server.js"),
    stream: join(folder, "stream/index.js"),
  };
  await mkdir(folder, { recursive: true });
  try {
    buildBundle(API_BUNDLE, dirname(files.api));
    buildBundle(STREAM_BUNDLE, dirname(files.stream));
    await writeFile(files.empty, EMPTY);
    await writeFile(files.emptyServer, EMPTY_SERVER);
    // On Lambda, no package.json in a parent folder defines the module type.
    await writeFile(join(folder, "package.json"), "{}");
    return await work(files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function firstAnswer(
  { file, path, authorization, host, status }: FirstRequest & { readonly file: string },
  variables: Readonly<Record<string, string>>,
): number {
  const program = join(import.meta.dirname, "first-response.cjs");
  const headers = {
    ...edgeHeaders(variables),
    ...(authorization !== "" && { authorization, [EDGE_HOST_HEADER]: host }),
  };
  const env = { ...variables, HEADERS: JSON.stringify(headers) };
  const begun = performance.now();
  const { stdout, stderr } = spawnSync(process.execPath, [program, file, path], { env });
  const milliseconds = performance.now() - begun;
  if (stdout.toString().endsWith(String(status))) return milliseconds;
  throw new Error(`GET ${path} by ${file}: ${stdout} ${stderr}`);
}

/** Returns the headers with which the distribution proves itself. */
function edgeHeaders({ DOCKLESS_ORIGIN_SECRET = "" }: Readonly<Record<string, string>>) {
  return { [ORIGIN_SECRET_HEADER]: DOCKLESS_ORIGIN_SECRET };
}

/** Returns the size in bytes of each file of each bundle. */
export async function bundleSizes(): Promise<Readonly<Record<string, number>>> {
  const sizes: Record<string, number> = {};
  for (const [name, bundle] of Object.entries({ api: API_BUNDLE, stream: STREAM_BUNDLE })) {
    const folder = join(SCRATCH_FOLDER, `bundle-${process.pid}`);
    buildBundle(bundle, folder);
    for (const file of await readdir(folder))
      sizes[`${name}/${file}`] = (await stat(join(folder, file))).size;
    await rm(folder, { recursive: true });
  }
  return sizes;
}
