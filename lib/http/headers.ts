import { type Digest, isDigest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { Precondition } from "../registry/manifests/precondition.ts";
import type { HttpRequest } from "./message.ts";

/** Parses the query of a request. */
export function queryOf(request: HttpRequest): URLSearchParams {
  return new URLSearchParams(request.query);
}

/** Splits the value of a header that is a list. */
export function listItemsOf(header: string | undefined): readonly string[] {
  return header === undefined ? [] : header.split(",").map((item) => item.trim());
}

/** Decimal number of bytes, short enough to be exact. */
const LENGTH_PATTERN = /^\d{1,15}$/;

/** Returns the size of the body in bytes, or undefined when the client has not declared it. */
export function contentLengthOf({ headers }: Pick<HttpRequest, "headers">): number | undefined {
  const text = headers["content-length"] ?? "";
  return LENGTH_PATTERN.test(text) ? Number(text) : undefined;
}

/** Returns the entity tag of a blob or manifest: its digest, since content never changes under a digest. */
export function entityTagOf(digest: Digest): string {
  return `"${digest}"`;
}

/**
 * Returns whether the client has the content already.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.2
 */
export function isCached(request: HttpRequest, digest: Digest): boolean {
  const header = request.headers["if-none-match"];
  if (header === undefined) return false;
  return header.trim() === "*" || parseEntityTags(header).some((tag) => tag.value === digest);
}

/**
 * Parses the precondition of a push or deletion: `If-Match` or `If-None-Match: *`.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1
 * @throws OciError `MANIFEST_INVALID` when a header is malformed or not supported
 */
export function parsePrecondition(request: HttpRequest): Precondition | undefined {
  const match = request.headers["if-match"];
  const noneMatch = request.headers["if-none-match"];
  if (match !== undefined && noneMatch !== undefined)
    throw invalid("conflicting preconditions: send If-Match or If-None-Match, not both");
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== "*") throw invalid("If-None-Match must be * on a push or deletion");
    return "absent";
  }
  if (match === undefined) return undefined;
  return match.trim() === "*" ? "present" : parseDigests(match);
}

function parseDigests(header: string): readonly Digest[] {
  const digests: Digest[] = [];
  for (const { value, isWeak } of parseEntityTags(header)) {
    if (!isDigest(value)) throw invalid('If-Match must be * or digests in double quotes: "sha256:…"');
    // If-Match requires strong comparison: https://www.rfc-editor.org/rfc/rfc9110.html#section-13.1.1
    if (!isWeak) digests.push(value);
  }
  return digests;
}

/** Parses a list of entity tags. A digest contains neither quotes nor commas, so there is nothing to unescape. */
function parseEntityTags(header: string): readonly { readonly value: string; readonly isWeak: boolean }[] {
  return listItemsOf(header).map((tag) => ({
    value: tag.replace(/^(?:W\/)?"(.*)"$/, "$1"),
    isWeak: tag.startsWith("W/"),
  }));
}

function invalid(message: string): OciError {
  return new OciError("MANIFEST_INVALID", { message });
}
