import { OciError } from "../oci/errors.ts";

/** The endpoints of the distribution spec, by what they are about. */
export type Resource = "base" | "catalog" | "blob" | "uploads" | "upload" | "manifest" | "tags" | "referrers";

export interface Route {
  readonly resource: Resource;
  /** The repository's name as the client wrote it, not checked; empty where there is none. */
  readonly name: string;
  /** The last segment: a digest, reference or session, not checked; empty where there is none. */
  readonly argument: string;
}

/** In the order of their frequency, but for "uploads", which would pass for a blob's digest. */
const PATTERNS: readonly (readonly [Resource, RegExp])[] = [
  ["manifest", /^\/v2\/(.+)\/manifests\/([^/]*)$/s],
  ["uploads", /^\/v2\/(.+)\/blobs\/uploads\/?$/s],
  ["upload", /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/s],
  ["blob", /^\/v2\/(.+)\/blobs\/([^/]*)$/s],
  ["base", /^\/v2\/?$/s],
  ["tags", /^\/v2\/(.+)\/tags\/list$/s],
  ["referrers", /^\/v2\/(.+)\/referrers\/([^/]*)$/s],
  ["catalog", /^\/v2\/_catalog$/s],
];

/**
 * Finds the endpoint of a path. Escapes are undone first: some clients and proxies escape the colon of a digest.
 * @returns undefined when the spec has no such endpoint
 * @throws OciError `NAME_INVALID` when the path is not UTF-8
 */
export function findRoute(path: string): Route | undefined {
  const decoded = path.includes("%") ? decode(path) : path;
  for (const [resource, pattern] of PATTERNS) {
    const match = pattern.exec(decoded);
    if (match !== null) return { resource, name: match[1] ?? "", argument: match[2] ?? "" };
  }
  return undefined;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new OciError("NAME_INVALID", { message: "the path has malformed percent escapes" });
  }
}
