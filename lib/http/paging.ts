import { OciError } from "../oci/errors.ts";
import type { Page } from "../registry/tags.ts";

const DEFAULT_PAGE = 1000;
const MAX_PAGE = 10_000;

/**
 * The `n` of a list. Without one, and when it is very large, the list comes in pages with a `Link` to the next.
 * @throws OciError `UNSUPPORTED` with status 400 when it is not a number
 */
export function pageLimit(query: URLSearchParams): number {
  const text = query.get("n");
  if (text === null) return DEFAULT_PAGE;
  if (!/^\d{1,15}$/.test(text)) {
    throw new OciError("UNSUPPORTED", { status: 400, message: "n must be a whole number, not negative" });
  }
  return Math.min(Number(text), MAX_PAGE);
}

/** The `last` of a list: the last item of the page before. Some clients send it empty for the first page. */
export function lastOf<T>(query: URLSearchParams, parse: (text: string) => T): T | undefined {
  const last = query.get("last");
  return last === null || last === "" ? undefined : parse(last);
}

/** RFC 5988: spec.md#listing-tags */
export function nextLink(path: string, query: Readonly<Record<string, string>>): { readonly link: string } {
  return { link: `<${path}?${new URLSearchParams(query)}>; rel="next"` };
}

/** The link to the page after one of names; no header when that is the last. */
export function linkAfter({ names, hasMore }: Page, path: string, limit: number): { readonly link?: string } {
  const last = names.at(-1);
  return hasMore && last !== undefined ? nextLink(path, { n: String(limit), last }) : {};
}
