import { type Digest, isDigest } from "../oci/digest.ts";
import { OciError } from "../oci/errors.ts";
import type { Precondition } from "../registry/manifests/precondition.ts";
import type { HttpRequest } from "./message.ts";

export function queryOf(request: HttpRequest): URLSearchParams {
  return new URLSearchParams(request.query);
}

/** A manifest never changes under its digest, so the digest is its entity tag. */
export function etag(digest: Digest): string {
  return `"${digest}"`;
}

/** Whether the client has the manifest already: RFC 9110, section 13.1.2. */
export function isCached(request: HttpRequest, digest: Digest): boolean {
  const header = request.headers["if-none-match"];
  if (header === undefined) return false;
  return header.trim() === "*" || entityTags(header).some((tag) => tag.value === digest);
}

/**
 * What a push or a removal demands by `If-Match` or `If-None-Match: *`: RFC 9110, section 13.1.
 * @throws OciError `MANIFEST_INVALID` when it demands something that this registry cannot promise
 */
export function preconditionOf(request: HttpRequest): Precondition | undefined {
  const match = request.headers["if-match"];
  const noneMatch = request.headers["if-none-match"];
  if (match !== undefined && noneMatch !== undefined)
    throw invalid("send If-Match or If-None-Match, not both");
  if (noneMatch !== undefined) {
    if (noneMatch.trim() !== "*") throw invalid("If-None-Match must be * on a push or a removal");
    return "absent";
  }
  if (match === undefined) return undefined;
  return match.trim() === "*" ? "present" : digestsOf(match);
}

function digestsOf(header: string): readonly Digest[] {
  const digests: Digest[] = [];
  for (const { value, isWeak } of entityTags(header)) {
    if (!isDigest(value)) throw invalid('If-Match must be *, or digests in double quotes: "sha256:…"');
    // A weak tag never matches where a strong comparison is asked for: RFC 9110, section 13.1.1.
    if (!isWeak) digests.push(value);
  }
  return digests;
}

/** A digest has neither quotes nor commas, so there is nothing to unescape. */
function entityTags(header: string): readonly { readonly value: string; readonly isWeak: boolean }[] {
  return header.split(",").map((item) => {
    const tag = item.trim();
    return { value: tag.replace(/^(?:W\/)?"(.*)"$/, "$1"), isWeak: tag.startsWith("W/") };
  });
}

function invalid(message: string): OciError {
  return new OciError("MANIFEST_INVALID", { message });
}
