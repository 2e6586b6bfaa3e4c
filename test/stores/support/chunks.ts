import { MIB } from "../../soak/figures.ts";
import { download, type HttpResponse, requireStatus, sendRequest } from "../../soak/support/client.ts";
import { type Content, createContent } from "../../soak/support/content.ts";
import { locationOf, partialBody, withDigest } from "../../soak/support/push.ts";

/** Sizes of an upload's chunks; parts of S3 are at least five mebibytes, except the last. */
export const CHUNKS: Readonly<Record<string, readonly number[]>> = {
  "one byte each": Array.from({ length: 12 }, () => 1),
  "1 MiB each": Array.from({ length: 12 }, () => MIB),
  "6 MiB each": Array.from({ length: 4 }, () => 6 * MIB),
  "around the minimum size of a part": [5 * MIB - 1, 1, 5 * MIB, 5 * MIB + 1, 5 * MIB - 1, 5 * MIB - 1],
  "small before large": [1, 1, MIB, 9 * MIB, 1, 6 * MIB, 100],
  "large before small": [20 * MIB, 1, 1, 17 * MIB, MIB, 1],
  mixed: [MIB, 1, 6 * MIB, 1, 1, MIB, MIB, 6 * MIB, 6 * MIB, 1],
};

/** How an upload is closed: with its last chunk, or with an empty body. */
export type Closing = "with a chunk" | "empty";

/** Pushes a blob in chunks and pulls it. @returns the problems; none when the pulled bytes equal the pushed bytes */
export async function pushInChunks(
  url: string,
  sizes: readonly number[],
  { closing, seed }: { readonly closing: Closing; readonly seed: string },
): Promise<readonly string[]> {
  const blob = createContent(
    seed,
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const target = { url, repository: "stores/chunks" };
  let response = requireStatus(
    await sendRequest(`${url}/v2/${target.repository}/blobs/uploads/`, { method: "POST" }),
    202,
  );
  const problems: string[] = [];
  let at = 0;
  for (const [index, size] of sizes.entries()) {
    const isLast = closing === "with a chunk" && index === sizes.length - 1;
    const location = locationOf(response, target);
    response = await sendChunk(
      isLast ? withDigest(location, blob) : location,
      blob,
      at,
      size,
      isLast ? "PUT" : "PATCH",
    );
    requireStatus(response, isLast ? 201 : 202);
    at += size;
    if (!isLast) problems.push(...(await wrongStatus(locationOf(response, target), at)));
  }
  if (closing === "empty") {
    requireStatus(await sendRequest(withDigest(locationOf(response, target), blob), { method: "PUT" }), 201);
  }
  const got = await download(`${url}/v2/${target.repository}/blobs/${blob.digest}`);
  return got.digest === blob.digest ? problems : [...problems, `${got.size} other bytes came back`];
}

async function sendChunk(
  url: string,
  blob: Content,
  at: number,
  size: number,
  method: string,
): Promise<HttpResponse> {
  const headers = { "content-range": `${at}-${at + size - 1}` };
  return await sendRequest(url, { method, headers, body: partialBody(blob, at, at + size) });
}

/** Requests the status of the upload, and repeats a stored chunk, which must be rejected. @returns the problems */
async function wrongStatus(location: string, at: number): Promise<readonly string[]> {
  const status = await sendRequest(location);
  const again = await sendRequest(location, {
    method: "PATCH",
    headers: { "content-range": "0-0" },
    body: { chunks: [Buffer.alloc(1)], length: 1 },
  });
  const range = `0-${at - 1}`;
  const isRight = [status, again].every(({ headers }) => headers.range === range);
  if (isRight && status.status === 204 && again.status === 416) return [];
  return [
    `after ${at} bytes: ${status.status} ${status.headers.range}, ${again.status} ${again.headers.range}`,
  ];
}
