import { type Digest, hexOf, makeDigest } from "../../oci/digest.ts";
import type { Manifest } from "../../oci/manifest.ts";
import { isImageArtifactType, isIndexMediaType } from "../../oci/media-type.ts";
import { encodePlatforms } from "../../oci/platform.ts";
import type { ManifestKind, TagSummaryRecord } from "../records.ts";
import { type RegistryContext, toEpochSeconds } from "../registry-context.ts";

const SHA256_BYTES = 32;

/** Number of characters of a write's id, which must differ only from the ids of other writes of the same tag. */
const ID_LENGTH = 12;

/** Returns the tag summary for a tag of the manifest. @param size size of the manifest in bytes */
export function summarizeTag(
  { now, newId }: Pick<RegistryContext, "now" | "newId">,
  manifest: Manifest,
  digest: Digest,
  size: number,
): TagSummaryRecord {
  const platforms = encodePlatforms(manifest.platforms ?? []);
  return {
    digest: Buffer.from(hexOf(digest), "hex"),
    kind: kindOf(manifest),
    size: totalSizeOf(manifest, size),
    at: toEpochSeconds(now()),
    id: newId().slice(-ID_LENGTH),
    ...(platforms.length === 0 ? {} : { platforms }),
  };
}

/** Returns the manifest digest in a tag summary. */
export function digestOf({ digest }: TagSummaryRecord): Digest {
  const algorithm = digest.length === SHA256_BYTES ? "sha256" : "sha512";
  return makeDigest(algorithm, Buffer.from(digest).toString("hex"));
}

function kindOf({ mediaType, artifactType }: Manifest): ManifestKind {
  if (isIndexMediaType(mediaType)) return "index";
  return isImageArtifactType(artifactType) ? "image" : "artifact";
}

/** Sums the sizes stated by the client, capped because the sum may exceed the integers that a record can store. */
function totalSizeOf({ blobs, children }: Manifest, size: number): number {
  const total = [...blobs, ...children].reduce((sum, descriptor) => sum + descriptor.size, size);
  return Math.min(total, Number.MAX_SAFE_INTEGER);
}
