import { type HttpResponse, sendRequest } from "./client.ts";
import { type Content, generateBytes } from "./content.ts";
import type { Manifest } from "./images.ts";

/**
 * Forms of a blob upload.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs
 */
export const UPLOAD_FORMS = ["post", "put", "put-chunked", "patch", "patch-chunked", "chunks"] as const;

/** Form of a blob upload. */
export type UploadForm = (typeof UPLOAD_FORMS)[number];

/** A repository of a registry. */
export interface Target {
  readonly url: string;
  readonly repository: string;
}

const CHUNK_COUNT = 3;

/** Pushes a blob. @returns the response to the first request that was rejected, or to the one that closes the upload */
export async function pushBlob(target: Target, blob: Content, style: UploadForm): Promise<HttpResponse> {
  const uploads = `${target.url}/v2/${target.repository}/blobs/uploads/`;
  if (style === "post") {
    return await sendRequest(withDigest(uploads, blob), { method: "POST", body: wholeBody(blob, true) });
  }
  const begun = await sendRequest(uploads, { method: "POST" });
  if (begun.status !== 202) return begun;
  if (style === "put" || style === "put-chunked") {
    return await close(begun, target, blob, wholeBody(blob, style === "put"));
  }
  if (style === "chunks") return await pushChunks(begun, target, blob);
  const body = wholeBody(blob, style === "patch");
  const patched = await sendRequest(locationOf(begun, target), { method: "PATCH", body });
  return patched.status === 202 ? await close(patched, target, blob) : patched;
}

async function pushChunks(begun: HttpResponse, target: Target, blob: Content): Promise<HttpResponse> {
  const length = Math.ceil(blob.size / CHUNK_COUNT);
  let response = begun;
  for (let from = 0; from < blob.size; from += length) {
    const to = Math.min(from + length, blob.size);
    const body = partialBody(blob, from, to);
    const headers = { "content-range": `${from}-${to - 1}` };
    if (to === blob.size) return await close(response, target, blob, body, headers);
    response = await sendRequest(locationOf(response, target), { method: "PATCH", headers, body });
    if (response.status !== 202) return response;
  }
  return await close(response, target, blob);
}

async function close(
  response: HttpResponse,
  target: Target,
  blob: Content,
  body?: ReturnType<typeof wholeBody>,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpResponse> {
  const url = withDigest(locationOf(response, target), blob);
  return await sendRequest(url, { method: "PUT", headers, body });
}

/** Returns the absolute URL of a response's Location. @throws Error when it is missing */
export function locationOf({ headers, requestLine }: HttpResponse, { url }: Pick<Target, "url">): string {
  if (headers.location === undefined) throw new Error(`${requestLine} returned no Location`);
  return new URL(headers.location, url).href;
}

/** Adds the `digest` parameter to a URL. */
export function withDigest(location: string, { digest }: Pick<Content, "digest">): string {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  return url.href;
}

/** Returns a body with a part of a blob and its length. */
export function partialBody(blob: Content, from: number, to: number) {
  return { chunks: generateBytes(blob, from, to), length: to - from };
}

function wholeBody(blob: Content, hasLength: boolean) {
  return hasLength ? partialBody(blob, 0, blob.size) : { chunks: generateBytes(blob) };
}

/** Pushes a manifest under a tag or digest. */
export async function pushManifest(
  { url, repository }: Target,
  { bytes, mediaType }: Manifest,
  reference: string,
): Promise<HttpResponse> {
  const body = { chunks: [bytes], length: bytes.length };
  const headers = { "content-type": mediaType };
  return await sendRequest(`${url}/v2/${repository}/manifests/${reference}`, {
    method: "PUT",
    headers,
    body,
  });
}
