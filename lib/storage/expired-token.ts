/**
 * Error names that S3 and DynamoDB use for expired credentials:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
 */
const EXPIRED_TOKEN_ERRORS: ReadonlySet<string> = new Set(["ExpiredToken", "ExpiredTokenException"]);

/** Returns whether a service rejected a call because of expired credentials; a retry may use new credentials. */
export function isExpiredTokenError(error: unknown): boolean {
  return error instanceof Error && EXPIRED_TOKEN_ERRORS.has(error.name);
}
