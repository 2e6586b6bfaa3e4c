/** Error names and codes for a failed or unreachable service. */
const OUTAGES: ReadonlySet<string> = new Set([
  "TimeoutError",
  "InternalServerError",
  "InternalError",
  // S3 closed a connection on which no bytes arrived: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  "RequestTimeout",
  "ServiceUnavailable",
  // versitygw stores objects as files: a folder was created while another request deleted it.
  "ExistingObjectIsDirectory",
  "ECONNRESET",
  // A response that ended before its Content-Length.
  "ERR_STREAM_PREMATURE_CLOSE",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** Returns whether a service failed: it returned 5xx (as reported by the SDK), did not respond, or timed out. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (OUTAGES.has(error.name) || OUTAGES.has(codeOf(error))) return true;
  return "$metadata" in error && Number(statusOf(error.$metadata)) >= 500;
}

function statusOf(metadata: unknown): unknown {
  return typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
    ? metadata.httpStatusCode
    : undefined;
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : "";
}
