import { type Blob, sha256Digest } from "../../client/content.ts";
import type { RegistryResponse } from "../../client/message.ts";
import type { Digest } from "../../oci/digest.ts";
import { expectStatus } from "../findings/response.ts";
import type { UploadContext } from "./upload.ts";

/** A manifest's bytes and digest. */
export interface Manifest {
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** A pushed manifest, and the response to its PUT. */
export interface PushedManifest extends Manifest {
  readonly response: RegistryResponse;
}

/** Media type of the pushed manifests. */
export const MANIFEST_MEDIA_TYPE = "application/vnd.oci.image.manifest.v1+json";
const LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";

/** Exceeds the size above which CloudFront and API Gateway compress bodies. */
const COMPRESSIBLE_BYTES = 2000;

/** Creates an image manifest that is large enough to be compressed. */
export function createImage(config: Blob, layer: Blob): Manifest {
  return createManifest({
    config: createDescriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [createDescriptor(LAYER_TYPE, layer)],
    annotations: { padding: "compressible ".repeat(COMPRESSIBLE_BYTES / 10) },
  });
}

/** Creates an artifact manifest whose subject is the image. */
export function createArtifact(image: Manifest, layer: Blob, artifactType: string): Manifest {
  return createManifest({
    artifactType,
    config: { mediaType: "application/vnd.oci.empty.v1+json", digest: layer.digest, size: layer.size },
    layers: [createDescriptor(LAYER_TYPE, layer)],
    subject: { mediaType: MANIFEST_MEDIA_TYPE, digest: image.digest, size: image.bytes.length },
  });
}

/** Creates an image manifest of exactly `size` bytes. */
export function createPaddedImage(layer: Blob, size: number): Manifest {
  const withPadding = (padding: string) =>
    createManifest({
      config: createDescriptor("application/vnd.oci.image.config.v1+json", layer),
      layers: [createDescriptor(LAYER_TYPE, layer)],
      annotations: { padding },
    });
  return withPadding("x".repeat(size - withPadding("").bytes.length));
}

/** Pushes a manifest. @param reference a tag or the digest @throws CheckFailure if it was not accepted */
export async function pushManifest(
  { client, cleanup, root }: UploadContext,
  reference: string,
  { bytes, digest }: Manifest,
): Promise<RegistryResponse> {
  const body = { size: bytes.length, chunks: () => [bytes] };
  const headers = { "content-type": MANIFEST_MEDIA_TYPE };
  const response = await client.send("PUT", `${root}/manifests/${reference}`, {
    headers,
    body,
    beforeSend: () => cleanup.addManifest(digest),
  });
  return expectStatus(response, [201], { what: "PUT of a manifest" });
}

function createManifest(fields: Readonly<Record<string, unknown>>): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST_MEDIA_TYPE, ...fields }));
  return { bytes, digest: sha256Digest(bytes) };
}

function createDescriptor(mediaType: string, { digest, size }: Blob) {
  return { mediaType, digest, size };
}
