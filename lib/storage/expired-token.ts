/**
 * S3's and DynamoDB's names for credentials that have expired:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html
 */
const EXPIRED: ReadonlySet<string> = new Set(["ExpiredToken", "ExpiredTokenException"]);

/** Whether a service refused a call since the credentials that signed it have expired. Others may be there a moment later. */
export function isExpiredToken(error: unknown): boolean {
  return error instanceof Error && EXPIRED.has(error.name);
}
