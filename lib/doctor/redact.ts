/** Query parameters that grant access in signed S3 and CloudFront URLs. */
const SECRET_PARAMETERS =
  /\b(X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|Policy|Key-Pair-Id|_state)=[^&\s"'<>]+/gi;
const AUTHORIZATION = /\b(Bearer|Basic)\s+(?!realm=)[\w.~+/=-]{6,}/gi;
const SECRET_FIELDS = /("(?:access_token|refresh_token|token|identitytoken|password)"\s*:\s*")[^"]*/gi;
const JWT = /\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g;

/**
 * Replaces credentials, tokens and URL signatures in the text with `***`.
 * @param secrets further strings to replace
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  const withoutSecrets = secrets
    .filter((secret) => secret !== "")
    .reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
  return withoutSecrets
    .replace(SECRET_PARAMETERS, "$1=***")
    .replace(SECRET_FIELDS, "$1***")
    .replace(AUTHORIZATION, "$1 ***")
    .replace(JWT, "***");
}
