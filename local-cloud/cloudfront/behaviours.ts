import type { EdgeFunction } from "./edge-function.ts";

/** Cache behaviour of the distribution. */
export interface Behaviour {
  /** Path pattern; undefined for the default behaviour. */
  readonly pattern: string | undefined;
  readonly originId: string;
  readonly methods: readonly string[];
  readonly viewerRequest: EdgeFunction | undefined;
  /** Names, in lower case, of the viewer's headers that its origin request policy does not forward. */
  readonly droppedHeaders: readonly string[];
}

/**
 * Finds the first behaviour whose pattern matches the path, in the order of the distribution; otherwise the default.
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
