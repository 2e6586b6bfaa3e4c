import { createHash } from "node:crypto";
import { type Algorithm, algorithmOf, type Digest, makeDigest } from "../../oci/digest.ts";
import { bodyOf, collect } from "../../ports/body.ts";
import type { RegistryContext } from "../registry-context.ts";

/** Maximum size of a manifest in bytes; many clients reject larger ones. */
// SHOULD: "Client and registry implementations SHOULD expect to be able to support manifest pushes of at least
// 4 megabytes."
// https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/**
 * Maximum size in bytes of a manifest stored inline in records, so that a pull is a single read. Larger manifests are in the
 * blob store. Even with the maximum number of tags, each with a copy, the last write of a push stays within the 4 MB limit of a
 * DynamoDB transaction.
 */
export const MAX_INLINE_BYTES = 32 * 1024;

/** Stores a manifest's bytes, in the blob store if they are large. @returns the record fields that hold or locate the bytes */
export async function storeManifest(
  registry: RegistryContext,
  digest: Digest,
  body: Uint8Array,
): Promise<{ readonly body?: Uint8Array }> {
  if (body.length <= MAX_INLINE_BYTES) return { body };
  await registry.blobs.put(digest, bodyOf(body));
  return {};
}

/** Returns the bytes of a manifest from its record or the blob store, or undefined when they are missing or damaged. */
export async function loadManifest(
  registry: RegistryContext,
  digest: Digest,
  content: { readonly body?: Uint8Array },
): Promise<Uint8Array | undefined> {
  if (content.body !== undefined) return content.body;
  const stored = await registry.blobs.get(digest);
  if (stored === undefined) return undefined;
  const bytes = await collect(stored);
  return computeDigest(bytes, algorithmOf(digest)) === digest ? bytes : undefined;
}

/** Computes the digest of a manifest. */
export function computeDigest(body: Uint8Array, algorithm: Algorithm): Digest {
  return makeDigest(algorithm, createHash(algorithm).update(body).digest("hex"));
}
