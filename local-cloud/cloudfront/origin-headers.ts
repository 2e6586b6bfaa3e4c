import { type HeaderList, withoutHeaders } from "../headers.ts";

/**
 * Custom headers that CloudFront cannot add: "Custom headers that CloudFront can't add to origin requests".
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/add-origin-custom-headers.html
 */
const DISALLOWED_HEADERS = [
  "cache-control",
  "connection",
  "content-length",
  "cookie",
  "host",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "max-forwards",
  "pragma",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "request-range",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "x-real-ip",
];
const DISALLOWED_PREFIX = /^(x-amz-|x-edge-)/;

/** Maximum lengths of a custom header: CloudFront quotas. */
const MAX_NAME_LENGTH = 256;
const MAX_VALUE_LENGTH = 1783;

/** Validates the custom headers of an origin. @throws Error when CloudFront would reject one */
export function checkOriginHeaders(headers: HeaderList): void {
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (DISALLOWED_HEADERS.includes(lower) || DISALLOWED_PREFIX.test(lower))
      throw new Error(`CloudFront cannot add the custom header ${name}`);
    if (name.length > MAX_NAME_LENGTH || value.length > MAX_VALUE_LENGTH)
      throw new Error(`custom header too long: ${name} has ${value.length} characters`);
  }
}

/** Adds an origin's custom headers. They replace viewer headers with the same names. */
export function addOriginHeaders(headers: HeaderList, own: HeaderList): HeaderList {
  return [...withoutHeaders(headers, ...own.map(([name]) => name.toLowerCase())), ...own];
}
