import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isJsonObject, parseDescriptor } from "../../lib/oci/descriptor.ts";
import { ociError, thrown } from "../support/errors.ts";

const DIGEST = `sha256:${"0".repeat(64)}`;
const PLAIN = { mediaType: "application/x", digest: DIGEST, size: 3 };

describe("a descriptor", () => {
  it("has a media type, a digest and a size", () => {
    expect(parseDescriptor(PLAIN, "config")).toEqual(PLAIN);
  });

  it("can have an artifact type and annotations", () => {
    const full = { ...PLAIN, artifactType: "application/y", annotations: { a: "b" } };
    expect(parseDescriptor(full, "config")).toEqual(full);
  });

  it("contains no property that a registry does not use", () => {
    const rich = { ...PLAIN, urls: ["https://example.com"], data: "e30=", platform: { os: "linux" }, x: 1 };
    expect(parseDescriptor(rich, "config")).toEqual(PLAIN);
  });

  it.each<[string, object]>([
    ["an artifact type of null", { artifactType: null }],
    ["an empty artifact type", { artifactType: "" }],
    ["annotations of null", { annotations: null }],
  ])("treats %s as missing", (_, extra) => {
    expect(parseDescriptor({ ...PLAIN, ...extra }, "config")).toEqual(PLAIN);
  });

  it.each([0, 1, Number.MAX_SAFE_INTEGER])("can have a size of %d", (size) => {
    expect(parseDescriptor({ ...PLAIN, size }, "config").size).toBe(size);
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a string", DIGEST],
    ["an array", [PLAIN]],
    ["without a media type", { ...PLAIN, mediaType: undefined }],
    ["with an empty media type", { ...PLAIN, mediaType: "" }],
    ["with a number as media type", { ...PLAIN, mediaType: 1 }],
    ["without a size", { ...PLAIN, size: undefined }],
    ["with a string as size", { ...PLAIN, size: "3" }],
    ["with a negative size", { ...PLAIN, size: -1 }],
    ["with a fraction as size", { ...PLAIN, size: 0.5 }],
    ["with an infinite size", { ...PLAIN, size: Number.POSITIVE_INFINITY }],
    ["with a size above the largest safe integer", { ...PLAIN, size: 2 ** 53 }],
    ["without a digest", { ...PLAIN, digest: undefined }],
    ["with an object as digest", { ...PLAIN, digest: {} }],
    ["with a number as artifact type", { ...PLAIN, artifactType: 1 }],
    ["with an array as annotations", { ...PLAIN, annotations: ["a"] }],
    ["with a number as annotation", { ...PLAIN, annotations: { a: 1 } }],
    ["with null as annotation", { ...PLAIN, annotations: { a: null } }],
  ])("cannot be %s", (_, value) => {
    expect(() => parseDescriptor(value, "layers[3]")).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it("cannot have a digest of an unknown algorithm, and the error names the descriptor", () => {
    const error = thrown(() => parseDescriptor({ ...PLAIN, digest: "md5:00" }, "layers[3]"));
    expect(error.code).toBe("DIGEST_INVALID");
    expect(error.message).toContain("layers[3]");
  });

  it("is named by its index in errors", () => {
    expect(thrown(() => parseDescriptor({}, "layers[3]")).message).toContain("layers[3]");
  });

  it("has the same properties after parsing, with any annotations", () => {
    const annotations = fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true });
    const descriptor = fc.record({
      mediaType: fc.string({ minLength: 1 }),
      digest: fc.constant(DIGEST),
      size: fc.maxSafeNat(),
      artifactType: fc.string({ minLength: 1 }),
      annotations,
    });
    fc.assert(
      fc.property(descriptor, (value) => {
        expect(parseDescriptor(value, "x")).toEqual(value);
      }),
    );
  });
});

describe("a JSON object", () => {
  it.each<[string, unknown, boolean]>([
    ["an object", {}, true],
    ["an array", [], false],
    ["null", null, false],
    ["a string", "", false],
    ["a number", 0, false],
  ])("can be %s, or not", (_, value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});
