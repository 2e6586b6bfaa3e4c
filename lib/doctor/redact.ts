/** The parameters of signed URLs that let their holder in: S3's, and CloudFront's. */
const QUERY =
  /\b(X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|Policy|Key-Pair-Id|_state)=[^&\s"'<>]+/gi;
const SCHEME = /\b(Bearer|Basic)\s+(?!realm=)[\w.~+/=-]{6,}/gi;
const TOKEN = /("(?:access_token|refresh_token|token|identitytoken|password)"\s*:\s*")[^"]*/gi;
const JWT = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g;

/** The text without what would let its reader sign in, or read a blob. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const known = secrets
    .filter((secret) => secret !== "")
    .reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return known.replace(QUERY, "$1=***").replace(TOKEN, "$1***").replace(SCHEME, "$1 ***").replace(JWT, "***");
}
