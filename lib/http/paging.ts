import { excerpt } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { Page } from "../registry/tags.ts";

const DEFAULT_PAGE_ITEMS = 1000;
const MAX_PAGE_ITEMS = 10_000;

/**
 * Parses the query parameter `n`, the number of items on a page. The default is 1,000 and the maximum 10,000. Some clients
 * send an empty value for the default.
 * @throws OciError `PAGINATION_NUMBER_INVALID` when it is not a non-negative integer
 */
export function parsePageLimit(query: URLSearchParams): number {
  const text = query.get("n") ?? "";
  if (text === "") return DEFAULT_PAGE_ITEMS;
  if (!/^\d+$/.test(text)) {
    throw new OciError("PAGINATION_NUMBER_INVALID", {
      message: "invalid n: use a non-negative integer",
      detail: { n: excerpt(text) },
    });
  }
  return Math.min(Number(text), MAX_PAGE_ITEMS);
}

/** Parses the query parameter `last`, the last item of the previous page. Some clients send an empty value for the first page. */
export function parseLast<T>(query: URLSearchParams, parse: (text: string) => T): T | undefined {
  const last = query.get("last");
  return last === null || last === "" ? undefined : parse(last);
}

/** Returns the `Link` header for the next page of a list. */
export function nextLink(path: string, query: Readonly<Record<string, string>>): { readonly link: string } {
  // MUST: "If included, the `Link` header MUST be set according to
  // [RFC5988](https://www.rfc-editor.org/rfc/rfc5988.html) with the Relation Type `rel="next"`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  // MUST: "The `Link` header MUST be set according to [RFC5988](https://www.rfc-editor.org/rfc/rfc5988.html)
  // with the Relation Type `rel="next"`."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
  return { link: `<${path}?${new URLSearchParams(query)}>; rel="next"` };
}

/** Returns the `Link` header for the page that follows a page of names; no header for the last page. */
export function linkAfter({ names, hasMore }: Page, path: string, limit: number): { readonly link?: string } {
  const last = names.at(-1);
  // MUST: "When `n` is zero, this endpoint MUST return an empty list, and MUST NOT include a `Link` header."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
  if (last === undefined) return {};
  return hasMore ? nextLink(path, { n: String(limit), last }) : {};
}
