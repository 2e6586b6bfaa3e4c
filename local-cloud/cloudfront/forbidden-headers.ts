/**
 * Headers that an edge function must not add, and headers that it must not change: "Restrictions on edge functions".
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
 */
const DISALLOWED_HEADERS = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "trailer",
  "upgrade",
  "x-accel-buffering",
  "x-accel-charset",
  "x-accel-limit-rate",
  "x-accel-redirect",
  "x-amzn-auth",
  "x-amzn-cf-billing",
  "x-amzn-cf-id",
  "x-amzn-cf-xff",
  "x-amzn-errortype",
  "x-amzn-fle-profile",
  "x-amzn-header-count",
  "x-amzn-header-order",
  "x-amzn-lambda-integration-tag",
  "x-amzn-requestid",
  "x-cache",
  "x-forwarded-proto",
  "x-real-ip",
];
const DISALLOWED_PREFIX = /^(x-amz-cf-|x-edge-)/;
const READ_ONLY_HEADERS = ["cdn-loop", "content-length", "host", "transfer-encoding", "via"];

type Fields = Readonly<Record<string, unknown>>;

/** Validates header changes. @throws Error when a function changed a read-only or disallowed header */
export function checkHeaders(before: Fields, after: Fields): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    if (name !== name.toLowerCase()) throw new Error(`header name not in lower case: ${name}`);
    if (READ_ONLY_HEADERS.includes(name)) throw new Error(`read-only header: ${name}`);
    if (DISALLOWED_HEADERS.includes(name) || DISALLOWED_PREFIX.test(name))
      throw new Error(`disallowed header: ${name}`);
  }
}
