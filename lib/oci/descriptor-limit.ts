import { OciError } from "./errors.ts";
import type { Manifest } from "./manifest.ts";

/** Default maximum number of descriptors per manifest: a push writes a record for each. */
export const DEFAULT_MAX_DESCRIPTORS = 2000;

/** Upper bound for the configured maximum: a manifest of 4 MiB cannot contain more descriptors. */
export const MAX_DESCRIPTOR_LIMIT = 50_000;

/** Returns whether a value is a valid maximum number of descriptors. */
export function isDescriptorLimit(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_DESCRIPTOR_LIMIT;
}

/** Checks the number of blobs or children of a manifest. @throws OciError `MANIFEST_INVALID` that names the limit */
export function assertDescriptorCount({ blobs, children }: Manifest, max = DEFAULT_MAX_DESCRIPTORS): void {
  const count = blobs.length + children.length;
  if (count <= max) return;
  throw new OciError("MANIFEST_INVALID", {
    message: `manifest invalid: ${count} descriptors exceed the maximum of ${max}`,
    detail: { descriptors: count, maximum: max },
  });
}
