import type { Case } from "./junit.ts";
import type { ProgramName } from "./programs.ts";

/** A case that may fail or be skipped, with the reason. The run fails when an allowance is not needed. */
export interface Allowance {
  readonly program: ProgramName;
  readonly reason: string;
  /** Whether it applies only to a registry that redirects pulls of blobs. */
  readonly redirects?: true;
  /** Returns whether it applies to a case. @param all the other cases of the run, too */
  covers(found: Case, all: readonly Case[]): boolean;
}

/** All allowances. */
export const ALLOWANCES: readonly Allowance[] = [
  {
    program: "older",
    reason: "reads a tag from the environment instead of pushing one; the program does either, and it pushes",
    covers: isSkipped("Pull Setup Get tag name from environment"),
  },
  {
    program: "older",
    reason:
      "reads the tags from the environment instead of pushing them; the program does either, and it pushes",
    covers: isSkipped("Content Discovery Setup Populate registry with test tags (no push)"),
  },
  {
    program: "older",
    reason: "applies to a registry that responds to a mount with 202; this one mounts with 201",
    covers: isSkipped("Cross-mounting of nonexistent blob should yield session id"),
  },
  {
    program: "older",
    reason: "applies to a registry that does not mount without `from`; this one does",
    covers: isSkipped(
      "Cross-mounting without from, and automatic content discovery disabled should return a 202",
    ),
  },
  {
    program: "newer",
    reason:
      "expects an image without one of its layers to be stored; this registry rejects it, as the specification allows",
    covers: isAboutRejectedImage,
  },
  {
    program: "newer",
    redirects: true,
    reason:
      "requests a range that ends before it begins; S3, the target of the redirect, ignores it, as RFC 9110 allows",
    covers: isBackwardRange,
  },
];

/** The switch that is off for a registry that redirects pulls of blobs, by its name in the program's report. */
export const DISABLED_SWITCH = {
  what: "the switch digestHeader is off",
  why: "S3, the target of the redirect, cannot send Docker-Content-Digest; the redirect itself has it",
};

function isSkipped(name: string): Allowance["covers"] {
  return (found) => found.outcome === "skipped" && found.name.endsWith(` ${name}`);
}

function isBackwardRange({ name, outcome }: Case): boolean {
  return outcome === "skipped" && name.endsWith(" blobs/range requests/range 500-0");
}

const SPARSE = "OCI Conformance Test/sparse/";
const SPARSE_IMAGE_TAG = "sparse-image";

/**
 * Returns whether a failure follows from the rejection of the incomplete image of the data set "sparse". The set has an
 * image without one of its layers and an index without one of its images; only the image may be rejected: "A registry MAY
 * reject a manifest [with] descriptors […] that reference a manifest or blob that does not exist". Its digest and its tag
 * are unknown then, with status 404.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests
 */
function isAboutRejectedImage(found: Case, all: readonly Case[]): boolean {
  if (!found.name.startsWith(SPARSE) || found.outcome !== "failed") return false;
  if (found.name === `${SPARSE}tag-list`) {
    return found.reason === `missing tag "${SPARSE_IMAGE_TAG}" from listing`;
  }
  const references = [findRejectedDigest(all), SPARSE_IMAGE_TAG];
  return (
    found.exchanges.length > 0 &&
    found.exchanges.every(
      ({ url, status }) =>
        status === 404 && references.some((reference) => url.endsWith(`/manifests/${reference}`)),
    )
  );
}

/** Finds the digest of the rejected image, the first manifest that its data set pushes. */
function findRejectedDigest(all: readonly Case[]): string | undefined {
  const push = all.find(({ name }) => name === `${SPARSE}push/manifest-by-digest`)?.exchanges[0];
  if (push === undefined || !push.response.includes("MANIFEST_BLOB_UNKNOWN")) return undefined;
  return push.url.slice(push.url.lastIndexOf("/") + 1);
}
