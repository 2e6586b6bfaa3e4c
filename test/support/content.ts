import { createHash } from "node:crypto";
import { type Algorithm, type Digest, makeDigest } from "../../lib/oci/digest.ts";
import { OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from "../../lib/oci/media-type.ts";
import type { Body } from "../../lib/ports/body.ts";

/** Bytes with the digest that names them. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly digest: Digest;
  /** Of the bytes, if they are a manifest. */
  readonly mediaType: string;
}

export function digestOf(bytes: Uint8Array, algorithm: Algorithm = "sha256"): Digest {
  return makeDigest(algorithm, createHash(algorithm).update(bytes).digest("hex"));
}

export function blob(text: string, algorithm: Algorithm = "sha256"): Content {
  const bytes = new TextEncoder().encode(text);
  return { bytes, digest: digestOf(bytes, algorithm), mediaType: "application/octet-stream" };
}

export const EMPTY_BLOB = blob("");

/** Bytes that do not compress and differ from their neighbours, so that a wrong offset shows. */
export function noise(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export async function* bodyOf(...chunks: readonly (Uint8Array | string)[]): Body {
  for (const chunk of chunks) yield typeof chunk === "string" ? new TextEncoder().encode(chunk) : chunk;
}

export async function collect(body: Body | undefined): Promise<Buffer> {
  if (body === undefined) throw new Error("there is no body");
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

export function descriptor({ bytes, digest, mediaType }: Content, extra: object = {}): object {
  return { mediaType, digest, size: bytes.length, ...extra };
}

export interface ImageParts {
  readonly config?: Content;
  readonly layers?: readonly Content[];
  readonly subject?: Content;
  /** Merged into the manifest's JSON. */
  readonly extra?: object;
  readonly algorithm?: Algorithm;
}

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

export function index(children: readonly Content[], extra: object = {}): Content {
  const manifests = children.map((child) => descriptor(child));
  return manifest({ schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests, ...extra }, OCI_IMAGE_INDEX);
}

export function manifest(json: unknown, mediaType: string, algorithm: Algorithm = "sha256"): Content {
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  return { bytes, digest: digestOf(bytes, algorithm), mediaType };
}
