import { expect } from "vitest";
import type { ReceivedResponse } from "../support/client.ts";

/** Appends to a `Location`, which can have a query already. */
export function withQuery(location: string, query: string): string {
  return `${location}${location.includes("?") ? "&" : "?"}${query}`;
}

/** Returns the `Location` of an response, and asserts that it is a path without escapes. */
export function locationOf(response: ReceivedResponse): string {
  const { location } = response.headers;
  expect(location).toMatch(/^\/v2\/[A-Za-z0-9._/:-]+(\?[^%]+)?$/);
  return location ?? "";
}

/**
 * The codes of an error body, which must have the form of the specification.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes
 */
export function codesOf(response: ReceivedResponse): readonly string[] {
  const parsed: unknown = JSON.parse(response.body.toString());
  expect(parsed).toEqual({ errors: expect.any(Array) });
  const { errors } = parsed as { readonly errors: readonly { readonly code: string }[] };
  for (const error of errors) {
    expect(error.code).toMatch(/^[A-Z_]+$/);
    expect(Object.keys(error).filter((key) => !["code", "message", "detail"].includes(key))).toEqual([]);
  }
  return errors.map(({ code }) => code);
}

/** Returns the status of a failure and the code of its errors. */
export function failureOf(response: ReceivedResponse): readonly [number, string] {
  expect(response.headers["content-type"]).toBe("application/json");
  const [code = "none", ...others] = new Set(codesOf(response));
  expect(others).toEqual([]);
  return [response.status, code];
}
