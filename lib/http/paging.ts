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

/** Returns the header that leads to the next page of a list. */
export function nextLink(path: string, query: Readonly<Record<string, string>>): { readonly link: string } {
  // MUST: "If included, the `Link` header MUST be set according to
  // [RFC5988](https://www.rfc-editor.org/rfc/rfc5988.html) with the Relation Type `rel="next"`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  // MUST: "The `Link` header MUST be set according to [RFC5988](https://www.rfc-editor.org/rfc/rfc5988.html)
  // with the Relation Type `rel="next"`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  return { link: `<${path}?${new URLSearchParams(query)}>; rel="next"` };
}

/** The link to the page after one of names; no header when that is the last. */
export function linkAfter({ names, hasMore }: Page, path: string, limit: number): { readonly link?: string } {
  const last = names.at(-1);
  // MUST: "When `n` is zero, this endpoint MUST return an empty list, and MUST NOT include a `Link` header."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  if (last === undefined) return {};
  return hasMore ? nextLink(path, { n: String(limit), last }) : {};
}
