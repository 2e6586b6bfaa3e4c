const OUTAGES: ReadonlySet<string> = new Set([
  "TimeoutError",
  "InternalServerError",
  "InternalError",
  "ServiceUnavailable",
  "ECONNRESET",
  "ECONNREFUSED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** Whether a call failed because a service did: it answered 5xx (which the SDK says), not at all, or not in time. */
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
