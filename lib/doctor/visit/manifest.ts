import { type Blob, sha256 } from "../../client/content.ts";
import type { Answer } from "../../client/message.ts";
import type { Digest } from "../../oci/digest.ts";
import { expectStatus } from "../findings/answer.ts";
import type { Uploading } from "./upload.ts";

export interface Manifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** A manifest that was pushed, and what was answered. */
export interface Image extends Manifest {
  readonly answer: Answer;
}

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

/** CloudFront and API Gateway compress nothing that is smaller than this. */
const COMPRESSIBLE_BYTES = 2000;

export function imageOf(config: Blob, layer: Blob): Manifest {
  return manifestOf({
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [descriptor(LAYER_TYPE, layer)],
    annotations: { padding: "compressible ".repeat(COMPRESSIBLE_BYTES / 10) },
  });
}

/** An artifact that belongs to the image. */
export function artifactOf(image: Manifest, layer: Blob, artifactType: string): Manifest {
  return manifestOf({
    artifactType,
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: layer.digest, size: layer.size },
    layers: [descriptor(LAYER_TYPE, layer)],
    subject: { mediaType: MANIFEST_TYPE, digest: image.digest, size: image.bytes.length },
  });
}

/** A manifest of exactly this many bytes. */
export function paddedImage(layer: Blob, size: number): Manifest {
  const of = (padding: string) =>
    manifestOf({
      config: descriptor("application/vnd.oci.image.config.v1+json", layer),
      layers: [descriptor(LAYER_TYPE, layer)],
      annotations: { padding },
    });
  return of("x".repeat(size - of("").bytes.length));
}

/** @param reference a tag or the digest */
export async function pushManifest(
  { client, ledger, root }: Uploading,
  reference: string,
  { bytes, digest }: Manifest,
): Promise<Answer> {
  const body = { size: bytes.length, chunks: () => [bytes] };
  const headers = { "content-type": MANIFEST_TYPE };
  const answer = await client.send("PUT", `${root}/manifests/${reference}`, {
    headers,
    body,
    before: () => ledger.manifest(digest),
  });
  return expectStatus(answer, [201], { what: "the PUT of a manifest" });
}

function manifestOf(fields: Readonly<Record<string, unknown>>): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_TYPE, ...fields }));
  return { bytes, digest: sha256(bytes) };
}

function descriptor(mediaType: string, { digest, size }: Blob) {
  return { mediaType, digest, size };
}
