import { parseRepositoryName, type RepositoryName } from "../../../lib/oci/repository-name.ts";
import { blob, type Content, descriptor, image, index } from "../content.ts";

/** Few repositories, blobs and manifests, so that operations on them conflict. */
export const NAMES = ["r1", "r2"] as const;
export const BLOBS = ["a", "b", "c"] as const;
export const MANIFESTS = ["ab", "ac", "large", "artifact", "index", "cache", "cycle", "wide"] as const;
export const TAGS = ["t1", "t2"] as const;

export type Name = (typeof NAMES)[number];
export type BlobLabel = (typeof BLOBS)[number];
export type ManifestLabel = (typeof MANIFESTS)[number];
export type Label = BlobLabel | ManifestLabel;
export type TagLabel = (typeof TAGS)[number];

const [a, b, c] = [blob("a"), blob("b"), blob("c")];
const ab = image({ config: a, layers: [b] });
const ac = image({ config: a, layers: [c] });
/** Manifest whose bytes exceed a record. */
const large = image({ config: b, layers: [c], extra: { annotations: { long: "x".repeat(66_000) } } });
const artifact = image({ config: a, subject: ab });

/** Blobs of a manifest with more references than one write; they are never deleted. */
export const FILLERS = Array.from({ length: 110 }, (_, number) => blob(`filler ${number}`));
const wide = image({ config: a, layers: [...FILLERS, b, c] });

export const CONTENTS: Readonly<Record<Label, Content>> = {
  ...{ a, b, c, ab, ac, large, artifact, wide },
  index: index([ab, large]),
  cache: index([a, c]),
  cycle: index([ab], { subject: descriptor(ab) }),
};

/** Blobs that each manifest depends on. */
export const NEEDS: Readonly<Record<ManifestLabel, readonly BlobLabel[]>> = {
  ab: ["a", "b"],
  ac: ["a", "c"],
  large: ["b", "c"],
  artifact: ["a"],
  ...{ index: [], cache: [], cycle: [] },
  wide: ["a", "b", "c"],
};

/** Manifests that each index depends on. They may be missing. */
export const CHILDREN: Readonly<Record<ManifestLabel, readonly ManifestLabel[]>> = {
  ...{ ab: [], ac: [], large: [], artifact: [], cache: [], wide: [] },
  index: ["ab", "large"],
  cycle: ["ab"],
};

/** Blobs that each index depends on, as the cache of a build. They may be missing. */
export const BLOB_CHILDREN: Readonly<Record<ManifestLabel, readonly BlobLabel[]>> = {
  ...{ ab: [], ac: [], large: [], artifact: [], index: [], cycle: [], wide: [] },
  cache: ["a", "c"],
};

const LABELS: ReadonlyMap<string, string> = new Map(
  Object.entries(CONTENTS).map(([label, { digest }]) => [digest, label]),
);

/** Returns the label of a digest. */
export function labelOf(digest: string): string {
  return LABELS.get(digest) ?? digest;
}

export function repositoryName(name: Name): RepositoryName {
  return parseRepositoryName(name);
}
