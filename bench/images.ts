import { createHash } from "node:crypto";
import type { ReadTarget } from "./load.ts";

/** Media type of image manifests. */
export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip";
const REPOSITORY = "bench/images";
/** Number of images: more than one, so that caching only the last response does not help; few enough to be cached by a busy registry. */
const IMAGE_COUNT = 50;
const LAYERS_PER_IMAGE = 6;

interface Content {
  readonly bytes: Buffer;
  readonly digest: string;
}

interface Image {
  readonly tag: string;
  readonly config: Content;
  readonly manifest: Content;
}

const layers = Array.from({ length: LAYERS_PER_IMAGE }, (_, i) => content(`layer ${i} `.repeat(100)));
const images = Array.from({ length: IMAGE_COUNT }, (_, i) => image(`v1.${i}`));

/** Reads that are measured. */
export const READ_CASES: readonly {
  readonly name: string;
  readonly method: "GET" | "HEAD";
  readonly targets: readonly ReadTarget[];
}[] = [
  { name: "manifest GET by tag", method: "GET", targets: images.map((it) => manifestAt(it, it.tag)) },
  {
    name: "manifest GET by digest",
    method: "GET",
    targets: images.map((it) => manifestAt(it, it.manifest.digest)),
  },
  { name: "blob HEAD", method: "HEAD", targets: images.map((it) => blobAt(it.config)) },
];

function content(text: string): Content {
  const bytes = Buffer.from(text);
  return { bytes, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

function image(tag: string): Image {
  const config = content(
    JSON.stringify({ architecture: "amd64", os: "linux", created: "2026-01-01T00:00:00Z", tag }),
  );
  const describe = (mediaType: string, { bytes, digest }: Content) => ({
    mediaType,
    digest,
    size: bytes.length,
  });
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: describe(CONFIG_TYPE, config),
    layers: layers.map((layer) => describe(LAYER_TYPE, layer)),
  };
  return { tag, config, manifest: content(JSON.stringify(manifest)) };
}

function manifestAt({ manifest }: Image, reference: string): ReadTarget {
  return { path: `/v2/${REPOSITORY}/manifests/${reference}`, length: manifest.bytes.length };
}

function blobAt({ bytes, digest }: Content): ReadTarget {
  return { path: `/v2/${REPOSITORY}/blobs/${digest}`, length: bytes.length };
}

/** Pushes the images, and compares every target with the pushed bytes: the load generator verifies only lengths. */
export async function pushImages(url: string): Promise<void> {
  for (const blob of [...layers, ...images.map((it) => it.config)]) await pushBlob(url, blob);
  for (const { tag, manifest } of images) {
    const headers = { "content-type": MANIFEST_TYPE };
    const target = `${url}/v2/${REPOSITORY}/manifests/${tag}`;
    await expectStatus(201, target, { method: "PUT", headers, body: manifest.bytes.toString() });
  }
  for (const { tag, config, manifest } of images) {
    await expectBytes(`${url}${manifestAt({ tag, config, manifest }, tag).path}`, manifest);
    await expectBytes(`${url}${manifestAt({ tag, config, manifest }, manifest.digest).path}`, manifest);
    await expectBytes(`${url}${blobAt(config).path}`, config);
  }
}

async function pushBlob(url: string, { bytes, digest }: Content): Promise<void> {
  const started = await expectStatus(202, `${url}/v2/${REPOSITORY}/blobs/uploads/`, { method: "POST" });
  const location = new URL(started.headers.get("location") ?? "", url);
  location.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  await expectStatus(201, location.href, { method: "PUT", headers, body: bytes.toString() });
}

async function expectBytes(url: string, expected: Content): Promise<void> {
  const response = await fetch(url, { headers: { accept: `${MANIFEST_TYPE}, */*` } });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200 || !bytes.equals(expected.bytes)) {
    throw new Error(`GET ${url}: ${response.status} with bytes that differ from those of ${expected.digest}`);
  }
}

async function expectStatus(status: number, url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.status !== status) throw new Error(`${init.method} ${url}: ${response.status} ${text}`);
  return response;
}
