import { createCipheriv, createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** Platform of an image. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
}

interface LayoutDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Image for one platform. */
interface LayoutImage {
  readonly platform: Platform;
  readonly manifest: LayoutDescriptor;
  readonly config: LayoutDescriptor;
  readonly layers: readonly LayoutDescriptor[];
  /** Digests of the uncompressed layers, which the config lists. */
  readonly diffIds: readonly string[];
}

/** OCI image layout on disk: image-spec v1.1.1 image-layout.md. */
export interface ImageLayout {
  readonly directory: string;
  readonly tag: string;
  /** Manifest of the only image, or index of all images. */
  readonly root: LayoutDescriptor;
  readonly images: readonly LayoutImage[];
}

export interface ImageOptions {
  /** Platforms: one makes a plain image, several make an index with one image each. */
  readonly platforms: readonly Platform[];
  /** Size in bytes of each layer's only file; the blob is slightly larger, because it is a tar file in gzip's format. */
  readonly layerSizes: readonly number[];
  /** Seed: the same seed gives the same digests. */
  readonly seed: string;
}

const TAG = "latest";
const BLOCK = 512;
const CHUNK = 1 << 20;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const CONFIG = "application/vnd.oci.image.config.v1+json";
const LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

/** Writes an image of incompressible bytes as an OCI layout, with constant memory. */
export async function writeImageLayout(directory: string, options: ImageOptions): Promise<ImageLayout> {
  await mkdir(join(directory, "blobs/sha256"), { recursive: true });
  const images: LayoutImage[] = [];
  for (const platform of options.platforms) images.push(await writeImage(directory, platform, options));
  const root = await writeRoot(directory, images);
  const named = { ...root, annotations: { "org.opencontainers.image.ref.name": TAG } };
  await writeJson(join(directory, "index.json"), { schemaVersion: 2, mediaType: INDEX, manifests: [named] });
  await writeJson(join(directory, "oci-layout"), { imageLayoutVersion: "1.0.0" });
  await writeJson(join(directory, "manifest.json"), dockerArchive(images));
  return { directory, tag: TAG, root, images };
}

async function writeImage(
  directory: string,
  platform: Platform,
  options: ImageOptions,
): Promise<LayoutImage> {
  const layers: LayoutDescriptor[] = [];
  const diffIds: string[] = [];
  for (const [position, size] of options.layerSizes.entries()) {
    const seed = `${options.seed}/${platform.architecture}/${position}`;
    const layer = await writeLayer(directory, { name: `layer-${position}.bin`, size, seed });
    layers.push(layer.descriptor);
    diffIds.push(layer.diffId);
  }
  const config = await writeBlob(directory, CONFIG, imageConfig(platform, diffIds));
  const manifest = await writeBlob(directory, MANIFEST, {
    schemaVersion: 2,
    mediaType: MANIFEST,
    config,
    layers,
  });
  return { platform, manifest, config, layers, diffIds };
}

async function writeRoot(directory: string, images: readonly LayoutImage[]): Promise<LayoutDescriptor> {
  const [only, ...others] = images;
  if (only === undefined) throw new Error("an image requires a platform");
  if (others.length === 0) return only.manifest;
  const manifests = images.map((image) => ({ ...image.manifest, platform: image.platform }));
  return await writeBlob(directory, INDEX, { schemaVersion: 2, mediaType: INDEX, manifests });
}

function imageConfig(platform: Platform, diffIds: readonly string[]): object {
  const created = "1970-01-01T00:00:00Z";
  const history = diffIds.map(() => ({ created, created_by: "test data" }));
  return { created, ...platform, config: {}, rootfs: { type: "layers", diff_ids: diffIds }, history };
}

/** Returns the manifest.json that `docker load` of the classic image store reads in place of index.json, like `docker save` writes it. */
function dockerArchive(images: readonly LayoutImage[]): object {
  const path = ({ digest }: LayoutDescriptor) => `blobs/${digest.replace(":", "/")}`;
  return images.map((image) => ({
    Config: path(image.config),
    RepoTags: null,
    Layers: image.layers.map(path),
  }));
}

async function writeBlob(directory: string, mediaType: string, value: object): Promise<LayoutDescriptor> {
  const bytes = Buffer.from(JSON.stringify(value));
  const hex = createHash("sha256").update(bytes).digest("hex");
  await writeFile(join(directory, "blobs/sha256", hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}

async function writeJson(path: string, value: object): Promise<void> {
  await writeFile(path, JSON.stringify(value));
}

async function writeLayer(
  directory: string,
  file: TarFile,
): Promise<{ descriptor: LayoutDescriptor; diffId: string }> {
  const staged = join(directory, "layer.partial");
  const content = createHash("sha256");
  const blob = createHash("sha256");
  // Compressing random bytes takes most of the time and is useless; it only makes small tar files smaller.
  const gzip = createGzip({ level: file.size < CHUNK ? 9 : 0, chunkSize: CHUNK });
  await pipeline(tarOf(file), hashing(content), gzip, hashing(blob), createWriteStream(staged));
  const { size } = await stat(staged);
  const hex = blob.digest("hex");
  await rename(staged, join(directory, "blobs/sha256", hex));
  return {
    descriptor: { mediaType: LAYER, digest: `sha256:${hex}`, size },
    diffId: `sha256:${content.digest("hex")}`,
  };
}

function hashing(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

interface TarFile {
  readonly name: string;
  readonly size: number;
  readonly seed: string;
}

function* tarOf(file: TarFile): Generator<Buffer> {
  yield tarHeader(file);
  yield* seededBytes(file.seed, file.size);
  yield Buffer.alloc((BLOCK - (file.size % BLOCK)) % BLOCK);
  yield Buffer.alloc(2 * BLOCK);
}

/** Yields incompressible bytes that depend only on the seed: the key stream of AES in counter mode. */
export function* seededBytes(seed: string, size: number): Generator<Buffer> {
  const key = createHash("sha256").update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
  for (let left = size; left > 0; left -= CHUNK) yield cipher.update(Buffer.alloc(Math.min(left, CHUNK)));
}

/** Returns a POSIX ustar header; its checksum is the sum of its bytes with the checksum field as spaces. */
function tarHeader({ name, size }: TarFile): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  header.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
