import { OciError } from "../oci/errors.ts";

/** The resources of the distribution spec's endpoints, and the catalog of Docker's registry. */
export type Resource = "base" | "catalog" | "blob" | "uploads" | "upload" | "manifest" | "tags" | "referrers";

/** The endpoint that a path leads to. */
export interface Route {
  readonly resource: Resource;
  /** Repository name as sent by the client, not validated; empty where there is none. */
  readonly name: string;
  /** Last path segment: a digest, reference or session id, not validated; empty where there is none. */
  readonly argument: string;
}

/** Ordered by frequency, except that "uploads" must precede "blob", whose pattern also matches uploads. */
const ROUTE_PATTERNS: readonly (readonly [Resource, RegExp])[] = [
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
 * Finds the endpoint for a path. Percent escapes are decoded first: some clients and proxies escape the colon in a digest.
 * @returns undefined when there is no such endpoint
 * @throws OciError `NAME_INVALID` when the path is not UTF-8
 */
export function findRoute(path: string): Route | undefined {
  const decoded = path.includes("%") ? decode(path) : path;
  for (const [resource, pattern] of ROUTE_PATTERNS) {
    const match = pattern.exec(decoded);
    if (match !== null) return { resource, name: match[1] ?? "", argument: match[2] ?? "" };
  }
  return undefined;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new OciError("NAME_INVALID", {
      message: "malformed path: its percent-encoding must decode to valid UTF-8",
    });
  }
}
