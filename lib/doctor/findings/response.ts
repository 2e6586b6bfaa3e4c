import type { RegistryResponse } from "../../client/message.ts";
import { identifyService } from "./aws-service.ts";
import { CheckFailure } from "./finding.ts";
import { findLikelyCause, type LikelyCause } from "./likely-cause.ts";

/** Maximum length of a body excerpt in characters. */
const MAX_EXCERPT_LENGTH = 160;

/** A response in one line: its status, the beginning of its body, and the AWS service and request ID if known. */
export function describeResponse(response: RegistryResponse): string {
  const { status, reason, body } = response;
  const text = body
    .subarray(0, 4 * MAX_EXCERPT_LENGTH)
    .toString("utf8")
    .replaceAll(/\s+/g, " ")
    .trim();
  const isText = text !== "" && !/[\p{Cc}\ufffd]/u.test(text);
  const excerpt = isText
    ? `: ${text.length > MAX_EXCERPT_LENGTH ? `${text.slice(0, MAX_EXCERPT_LENGTH)}…` : text}`
    : "";
  const origin = identifyService(response);
  const from = origin === undefined ? "" : ` (from ${origin.name}, request id ${origin.requestId})`;
  return `${`${status} ${reason}`.trim()}${excerpt}${from}`;
}

/** The request that an expectation is about, and hints for its failure. */
export interface Expectation {
  /** Name of the request, for example "the closing PUT". */
  readonly what: string;
  /** Likely cause if the response itself indicates none. */
  readonly fallback?: LikelyCause;
  /** Text of a `Warning` header that the registry sent earlier. */
  readonly hint?: string | undefined;
}

/** Returns the response. @throws CheckFailure if its status is not one of `statuses` */
export function expectStatus(
  response: RegistryResponse,
  statuses: readonly number[],
  expectation: Expectation,
): RegistryResponse {
  if (statuses.includes(response.status)) return response;
  throw createStatusError(response, statuses, expectation);
}

/** Creates the failure of a response with an unexpected status. */
export function createStatusError(
  response: RegistryResponse,
  statuses: readonly number[],
  { what, fallback, hint }: Expectation,
): CheckFailure {
  return new CheckFailure(`${what} returned ${response.status}`, {
    expected: `${what} returns ${statuses.join(" or ")}`,
    actual: describeResponse(response),
    ...findLikelyCause(response, { hint, ...(fallback === undefined ? {} : { fallback }) }),
  });
}

/** @throws CheckFailure if the header is missing or has a different value */
export function expectHeader(
  response: RegistryResponse,
  name: string,
  expected: string,
  { what, cause, advice }: { readonly what: string } & LikelyCause,
): void {
  const actual = response.headers[name.toLowerCase()];
  if (actual === expected) return;
  const remapped = findRemappedHeader(response, name);
  throw new CheckFailure(`${what} returned ${actual === undefined ? "no" : "an incorrect"} ${name}`, {
    expected: `${name}: ${expected}`,
    actual: [
      actual === undefined ? `no ${name}` : `${name}: ${actual}`,
      ...(remapped === undefined ? [] : [`${remapped.name}: ${remapped.value}`]),
    ].join(", and "),
    ...(remapped === undefined ? { cause, advice } : explainRenamedHeader(name)),
  });
}

/** Returns the header under the name that API Gateway remaps it to, or undefined. */
export function findRemappedHeader(
  { headers }: RegistryResponse,
  name: string,
): { readonly name: string; readonly value: string } | undefined {
  const remapped = `x-amzn-remapped-${name.toLowerCase()}`;
  const value = headers[remapped];
  return value === undefined ? undefined : { name: remapped, value };
}

/** Returns the likely cause of a header that API Gateway renamed. */
export function explainRenamedHeader(name: string): LikelyCause {
  return {
    cause: `API Gateway (or a Lambda function URL) renames ${name} in responses`,
    advice: `use the RegistryUrl of the stack, not the hostname of API Gateway, and check that the CloudFront Function is attached to every behaviour of the CloudFront distribution and routes these requests to the stream origin`,
  };
}
