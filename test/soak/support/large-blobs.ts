import { formatMib, formatRate, GIB, measureTime, readFreeBytes } from "../figures.ts";
import { download, requireStatus, sendRequest } from "./client.ts";
import { type Content, generateBytes } from "./content.ts";
import { locationOf, partialBody, type Target, withDigest } from "./push.ts";

/** Ways in which clients send a large blob: one PATCH in chunked transfer encoding, like older Docker, or the closing PUT. */
export const LARGE_UPLOAD_METHODS = ["PATCH", "PUT"] as const;

/** Way in which a client sends a large blob. */
export type LargeUploadMethod = (typeof LARGE_UPLOAD_METHODS)[number];

/** Timeout of some clients in milliseconds. */
const MAX_CLOSING_MILLISECONDS = 30_000;

/** Problems and figures of a transfer. */
export interface Transfer {
  readonly problems: readonly string[];
  readonly figures: string;
}

/** Pushes a large blob, whose closing request must not exceed the timeout of clients when the bytes came before it. */
export async function pushLargeBlob(
  target: Target,
  blob: Content,
  method: LargeUploadMethod,
): Promise<Transfer> {
  const uploads = `${target.url}/v2/${target.repository}/blobs/uploads/`;
  const begun = requireStatus(await sendRequest(uploads, { method: "POST" }), 202);
  const isPatch = method === "PATCH";
  const patch = { method, body: { chunks: generateBytes(blob) } };
  const sent = await measureTime(
    isPatch ? sendRequest(locationOf(begun, target), patch) : Promise.resolve(begun),
  );
  const location = withDigest(locationOf(requireStatus(sent.value, 202), target), blob);
  const body = isPatch ? undefined : partialBody(blob, 0, blob.size);
  const closed = await measureTime(sendRequest(location, { method: "PUT", body }));
  requireStatus(closed.value, 201);
  const isLate = isPatch && closed.ms > MAX_CLOSING_MILLISECONDS;
  const closing = isPatch ? `, closed in ${(closed.ms / 1000).toFixed(1)} s` : "";
  return {
    problems: isLate ? [`closing took ${closed.ms} ms`] : [],
    figures: `push ${formatRate(blob.size, sent.ms + closed.ms)}${closing}`,
  };
}

/** Pulls a large blob, and compares its digest. */
export async function pullLargeBlob(
  { url, repository }: Target,
  { digest, size }: Content,
): Promise<Transfer> {
  const got = await measureTime(download(`${url}/v2/${repository}/blobs/${digest}`));
  const isSame = got.value.digest === digest;
  return {
    problems: isSame ? [] : [`the ${got.value.size} pulled bytes do not have the digest`],
    figures: `pull ${formatRate(size, got.ms)}`,
  };
}

/** Requires disk space for some bytes. @throws Error otherwise, because a skipped case would appear as passed */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
  const [free, needed] = [await readFreeBytes(folder), bytes + GIB];
  if (free < needed)
    throw new Error(`not enough space in ${folder}: ${formatMib(free)} of the required ${formatMib(needed)}`);
}
