import { createHash, randomBytes } from "node:crypto";
import { MANIFEST_TYPE } from "../images.ts";
import { push } from "../load.ts";
import type { PushForm } from "../measure.ts";

const CONFIG_BYTES = 5000;

export interface Layers {
  readonly count: number;
  /** Bytes of each. */
  readonly size: number;
}

export interface Pushed {
  /** URL, as `http://host:port/v2/name`. */
  readonly repository: string;
  readonly tag: string;
  readonly manifest: string;
  readonly blobs: readonly string[];
}

/** Pushes an image of new layers as clients do: each blob is looked for first. */
export async function pushImage(url: string, form: PushForm, { count, size }: Layers): Promise<Pushed> {
  const repository = `${url}/v2/bench/${form}-${randomBytes(4).toString("hex")}`;
  const sizes = [CONFIG_BYTES, ...Array.from({ length: count }, () => size)];
  const blobs: string[] = [];
  for (const bytes of sizes) {
    await expectStatus(404, `${repository}/blobs/${digestOf(randomBytes(8))}`, { method: "HEAD" });
    blobs.push((await push(repository, form, bytes)).digest);
  }
  await expectStatus(404, `${repository}/manifests/latest`, { method: "HEAD" });
  const body = manifestOf(blobs, sizes);
  const headers = { "content-type": MANIFEST_TYPE };
  await expectStatus(201, `${repository}/manifests/latest`, { method: "PUT", headers, body });
  return { repository, tag: "latest", manifest: digestOf(body), blobs };
}

function manifestOf(blobs: readonly string[], sizes: readonly number[]): string {
  const kind = "application/vnd.oci.image";
  const [config, ...layers] = blobs.map((digest, i) => {
    const mediaType = `${kind}.${i === 0 ? "config.v1+json" : "layer.v1.tar+gzip"}`;
    return { mediaType, digest, size: sizes[i] };
  });
  return JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, config, layers });
}

/** Pulls it as clients do, the bytes included, which S3 sends. */
export async function pullImage(pushed: Pushed): Promise<void> {
  const { repository, tag, manifest, blobs } = pushed;
  await expectStatus(200, `${repository}/manifests/${tag}`, { method: "HEAD" });
  await getManifest(pushed, manifest);
  for (const digest of blobs) {
    const response = await fetch(await getBlob(pushed, digest));
    for await (const _ of response.body ?? []);
  }
}

export async function getManifest({ repository }: Pushed, reference: string): Promise<void> {
  const response = await expectStatus(200, `${repository}/manifests/${reference}`, { method: "GET" });
  await response.arrayBuffer();
}

/** @returns where the blob is */
export async function getBlob({ repository }: Pushed, digest: string): Promise<string> {
  const response = await expectStatus(307, `${repository}/blobs/${digest}`, { redirect: "manual" });
  return response.headers.get("location") ?? "";
}

function digestOf(content: string | Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

async function expectStatus(status: number, url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.status === status) return response;
  throw new Error(
    `${init.method ?? "GET"} ${url}: ${response.status} instead of ${status}: ${await response.text()}`,
  );
}
