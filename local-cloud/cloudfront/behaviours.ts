import type { EdgeFunction } from "./edge-function.ts";

/** Cache behaviour of a distribution. */
export interface Behaviour {
  /** Path pattern; undefined for the default behaviour. */
  readonly pattern: string | undefined;
  readonly originId: string;
  readonly methods: readonly string[];
  readonly viewerRequest: EdgeFunction | undefined;
  /** Lower-case names of the viewer headers that the origin request policy does not forward. */
  readonly droppedHeaders: readonly string[];
}

/**
 * Returns the first behaviour whose pattern matches the path, in the distribution's order; otherwise the default behaviour.
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 */
export function findBehaviour(behaviours: readonly Behaviour[], path: string): Behaviour {
  const found = behaviours.find(({ pattern }) => pattern !== undefined && matches(pattern, path));
  const last = found ?? behaviours.find(({ pattern }) => pattern === undefined);
  if (last === undefined) throw new Error("the distribution has no default behaviour");
  return last;
}

/** Returns whether a path matches: `*` matches any characters including slashes, `?` exactly one. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^/?${source.replace(/^\//, "")}$`, "s").test(path);
}
