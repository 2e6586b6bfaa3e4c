import { createHash } from "node:crypto";
import { type Algorithm, type Digest, makeDigest } from "../../lib/oci/digest.ts";
import { OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from "../../lib/oci/media-type.ts";
import type { Body } from "../../lib/ports/body.ts";

/** Bytes and their digest. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  /** Media type of a manifest. */
  readonly mediaType: string;
}

/** Returns the digest of bytes. */
export function digestOf(bytes: Uint8Array, algorithm: Algorithm = "sha256"): Digest {
  return makeDigest(algorithm, createHash(algorithm).update(bytes).digest("hex"));
}

/** Returns a blob with a text as content. */
export function blob(text: string, algorithm: Algorithm = "sha256"): Content {
  const bytes = new TextEncoder().encode(text);
  return { bytes, digest: digestOf(bytes, algorithm), mediaType: "application/octet-stream" };
}

/** Blob without bytes. */
export const EMPTY_BLOB = blob("");

/** Returns incompressible bytes that differ from their neighbours, so that a wrong offset is detected. */
export function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Yields the chunks as a body. */
export async function* bodyOf(...chunks: readonly (Uint8Array | string)[]): Body {
  for (const chunk of chunks) yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
}

/** Reads a body. @throws Error when it is undefined */
export async function collect(body: Body | undefined): Promise<Buffer> {
  if (body === undefined) throw new Error("the body is undefined");
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** Returns the descriptor of a content. */
export function descriptor({ bytes, digest, mediaType }: Content, extra: object = {}): object {
  return { mediaType, digest, size: bytes.length, ...extra };
}

/** Parts of an image. */
export interface ImageParts {
  readonly config?: Content;
  readonly layers?: readonly Content[];
  readonly subject?: Content;
  /** Fields merged into the manifest's JSON. */
  readonly extra?: object;
  readonly algorithm?: Algorithm;
}

/** Returns an image manifest. */
export function image({
  config = EMPTY_BLOB,
  layers = [],
  subject,
  extra,
  algorithm,
}: ImageParts = {}): Content {
  const json = {
    schemaVersion: 2,
    mediaType: OCI_IMAGE_MANIFEST,
    config: descriptor(config),
    layers: layers.map((layer) => descriptor(layer)),
    ...(subject === undefined ? {} : { subject: descriptor(subject) }),
    ...extra,
  };
  return manifest(json, OCI_IMAGE_MANIFEST, algorithm);
}

/** Returns an image index. */
export function index(children: readonly Content[], extra: object = {}): Content {
  const manifests = children.map((child) => descriptor(child));
  return manifest({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests, ...extra }, OCI_IMAGE_INDEX);
}

/** Returns a manifest with the given JSON. */
export function manifest(json: unknown, mediaType: string, algorithm: Algorithm = "sha256"): Content {
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  return { bytes, digest: digestOf(bytes, algorithm), mediaType };
}
