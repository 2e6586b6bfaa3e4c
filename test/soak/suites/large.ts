import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { formatMib, formatRate, GIB, MIB, measureTime, readMemoryBytes } from "../figures.ts";
import type { Options } from "../options.ts";
import { type Report, requireNone } from "../report.ts";
import { type StartedServer, startSoakServer } from "../servers.ts";
import { createFolderSite } from "../sites.ts";
import { download, requireStatus, sendRequest } from "../support/client.ts";
import { type Content, createContent, generateBytes } from "../support/content.ts";
import { requireSpace } from "../support/large-blobs.ts";
import { pushBlob, type UploadForm } from "../support/push.ts";

const REPOSITORY = "soak/large";
const MAX_MEMORY_BYTES = 200_000_000;
/** Length of the range that is requested in addition to the whole blob. */
const TAIL_BYTES = 1000;

/** Verifies that the server's memory does not grow with the size of layers or with the number of concurrent transfers. */
export async function runLarge(report: Report, options: Options): Promise<void> {
  const size = options.quick ? 512 * MIB : 5 * GIB;
  const folder = join(options.folder, "large");
  const name = formatMib(size);
  for (const style of ["patch-chunked", "put"] as const) {
    await report.case(`large: push ${name} by ${style} and pull it`, () => {
      return transferConcurrently(folder, size, [style], options.folder);
    });
  }
  const mixed: readonly UploadForm[] = ["patch-chunked", "put", "patch-chunked", "put"];
  await report.case(`large: push and pull four blobs of ${name} concurrently`, () => {
    return transferConcurrently(folder, size, mixed, options.folder);
  });
}

async function transferConcurrently(
  folder: string,
  size: number,
  styles: readonly UploadForm[],
  cache: string,
): Promise<string> {
  const site = await createFolderSite(folder);
  await requireSpace(folder, size * styles.length);
  const blobs: Content[] = [];
  for (const [index] of styles.entries()) blobs.push(await cachedContent(cache, `large/${index}`, size));
  const server = await startSoakServer(site.data);
  try {
    return await pushAndPull(server, blobs, styles);
  } finally {
    await server.stop();
    await site.clear();
  }
}

async function pushAndPull(
  server: StartedServer,
  blobs: readonly Content[],
  styles: readonly UploadForm[],
): Promise<string> {
  const atRest = await readMemoryBytes(server.pid, "peak");
  const bytes = blobs.reduce((sum, { size }) => sum + size, 0);
  const pushing = blobs.map((blob, index) => push(server, blob, styles[index] ?? "put"));
  const pushed = await measureTime(Promise.all(pushing));
  const afterPush = await readMemoryBytes(server.pid, "peak");
  const pulled = await measureTime(Promise.all(blobs.map((blob) => pull(server, blob))));
  const afterPull = await readMemoryBytes(server.pid, "peak");
  const tails = await Promise.all(blobs.map((blob) => pullTail(server, blob)));
  const problems = [...pulled.value.flat(), ...tails.flat()];
  if (afterPull >= MAX_MEMORY_BYTES) problems.push(`peak memory is ${formatMib(afterPull)}, above 200 MB`);
  const memory = `peak memory ${formatMib(afterPush)} after the push, ${formatMib(afterPull)} after the pull (${formatMib(atRest)} before)`;
  return requireNone(
    problems,
    `push ${formatRate(bytes, pushed.ms)}, pull ${formatRate(bytes, pulled.ms)}; ${memory}`,
  );
}

async function push({ url }: StartedServer, blob: Content, style: UploadForm): Promise<void> {
  requireStatus(await pushBlob({ url, repository: REPOSITORY }, blob, style), 201);
}

async function pull({ url }: StartedServer, blob: Content): Promise<readonly string[]> {
  const got = await download(`${url}/v2/${REPOSITORY}/blobs/${blob.digest}`);
  return got.digest === blob.digest
    ? []
    : [`GET of ${blob.digest} returned ${got.size} bytes of ${got.digest}`];
}

async function pullTail({ url }: StartedServer, blob: Content): Promise<readonly string[]> {
  const headers = { range: `bytes=${blob.size - TAIL_BYTES}-` };
  const got = await sendRequest(`${url}/v2/${REPOSITORY}/blobs/${blob.digest}`, { headers });
  const expected = Buffer.concat([...generateBytes(blob, blob.size - TAIL_BYTES)]);
  return got.status === 206 && got.body.equals(expected)
    ? []
    : [`the last ${TAIL_BYTES} bytes are wrong: ${got.status}`];
}

/** Creates content with a cached digest: to hash gigabytes takes long, and the result is always the same. */
async function cachedContent(cache: string, seed: string, size: number): Promise<Content> {
  const path = join(cache, "digests", `${seed.replace("/", "-")}-${size}`);
  const cached = await readFile(path, "utf8").catch(() => undefined);
  if (cached !== undefined) return { seed, size, digest: cached };
  const content = createContent(seed, size);
  await mkdir(join(cache, "digests"), { recursive: true });
  await writeFile(path, content.digest);
  return content;
}
