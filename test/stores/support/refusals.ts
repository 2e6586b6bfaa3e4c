import type { IncomingHttpHeaders } from "node:http";
import { isObject } from "../../../local-cloud/support/json.ts";

/** Response that may report a failed store. */
interface Refusal {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | string;
}

/**
 * Validates an error response: a failed store must be reported as retryable, in the format of the specification.
 * @returns the problem; undefined when the response is valid
 */
export function wrongWith({ status, headers, body }: Refusal, isHead = false): string | undefined {
  const code = status === 503 ? "UNAVAILABLE" : "TOOMANYREQUESTS";
  if (status !== 503 && status !== 429) return `${status} ${String(body).slice(0, 200)}`;
  if (!/^\d+$/.test(headers["retry-after"] ?? "")) return `${status} without Retry-After`;
  if (isHead) return undefined;
  if (headers["content-type"] !== "application/json") return `${status} as ${headers["content-type"]}`;
  return codesIn(String(body)).join() === code ? undefined : `${status} without the code ${code}: ${body}`;
}

function codesIn(body: string): readonly unknown[] {
  try {
    const json: unknown = JSON.parse(body);
    const errors = isObject(json) && Array.isArray(json["errors"]) ? json["errors"] : [];
    return errors.map((error: unknown) => (isObject(error) ? error["code"] : undefined));
  } catch {
    return [];
  }
}
