import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode, OciError } from "../../lib/oci/errors.ts";

/** The spec's error codes, with the status that its endpoints return for each. */
const SPEC: readonly (readonly [ErrorCode, number])[] = [
  ["BLOB_UNKNOWN", 404],
  ["BLOB_UPLOAD_INVALID", 400],
  ["BLOB_UPLOAD_UNKNOWN", 404],
  ["DIGEST_INVALID", 400],
  ["MANIFEST_BLOB_UNKNOWN", 404],
  ["MANIFEST_INVALID", 400],
  ["MANIFEST_UNKNOWN", 404],
  ["NAME_INVALID", 400],
  ["NAME_UNKNOWN", 404],
  ["SIZE_INVALID", 400],
  ["UNAUTHORIZED", 401],
  ["DENIED", 403],
  ["UNSUPPORTED", 405],
  ["TOOMANYREQUESTS", 429],
];

describe("the error table", () => {
  it.each(SPEC)("contains the spec's %s, with status %d", (code, status) => {
    expect(ERROR_CODES[code].status).toBe(status);
  });

  it("has an upper-case code, an error status and a lower-case message for each error", () => {
    for (const [code, { status, message }] of Object.entries(ERROR_CODES)) {
      expect(code).toMatch(/^[A-Z_]+$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(message).toMatch(/^[a-z][a-z -]+$/);
    }
  });
});

describe("an error", () => {
  it("has the status and message of its code unless they are overridden", () => {
    expect(new OciError("BLOB_UNKNOWN")).toMatchObject({
      code: "BLOB_UNKNOWN",
      status: 404,
      message: "blob unknown to registry",
    });
    expect(new OciError("DENIED", { status: 405, message: "no" })).toMatchObject({
      status: 405,
      message: "no",
    });
  });

  it("must have its own message where docker does not print the default message", () => {
    // @ts-expect-error: without a message, docker reports a bare code.
    expect(new OciError("DENIED", { status: 405 }).status).toBe(405);
    // @ts-expect-error
    expect(new OciError("TOOMANYREQUESTS").status).toBe(429);
    // @ts-expect-error
    expect(new OciError("UNAUTHORIZED").status).toBe(401);
  });

  it("has one item, without a detail unless one is passed", () => {
    expect(new OciError("BLOB_UNKNOWN").items()).toEqual([
      { code: "BLOB_UNKNOWN", message: "blob unknown to registry" },
    ]);
  });

  it("has one item with its detail", () => {
    expect(new OciError("BLOB_UNKNOWN", { detail: { a: 1 } }).items()).toEqual([
      { code: "BLOB_UNKNOWN", message: "blob unknown to registry", detail: { a: 1 } },
    ]);
  });

  it("has an item for each of several details", () => {
    const items = new OciError("MANIFEST_BLOB_UNKNOWN", { details: ["a", "b"] }).items();
    expect(items.map(({ code, detail }) => [code, detail])).toEqual([
      ["MANIFEST_BLOB_UNKNOWN", "a"],
      ["MANIFEST_BLOB_UNKNOWN", "b"],
    ]);
  });

  it("keeps its cause", () => {
    const cause = new Error("why");
    expect(new OciError("UNKNOWN", { cause }).cause).toBe(cause);
  });
});
