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

  it("may have an artifact type and annotations", () => {
    const full = { ...PLAIN, artifactType: "application/y", annotations: { a: "b" } };
    expect(parseDescriptor(full, "config")).toEqual(full);
  });

  it("keeps only the properties that a registry uses", () => {
    const extended = {
      ...PLAIN,
      urls: ["https://example.com"],
      data: "e30=",
      platform: { os: "linux" },
      x: 1,
    };
    expect(parseDescriptor(extended, "config")).toEqual(PLAIN);
  });

  it.each<[string, object]>([
    ["a null artifact type", { artifactType: null }],
    ["an empty artifact type", { artifactType: "" }],
    ["null annotations", { annotations: null }],
  ])("treats %s as missing", (_, extra) => {
    expect(parseDescriptor({ ...PLAIN, ...extra }, "config")).toEqual(PLAIN);
  });

  it.each([0, 1, Number.MAX_SAFE_INTEGER])("may have a size of %d", (size) => {
    expect(parseDescriptor({ ...PLAIN, size }, "config").size).toBe(size);
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a string", DIGEST],
    ["an array", [PLAIN]],
    ["without a media type", { ...PLAIN, mediaType: undefined }],
    ["with an empty media type", { ...PLAIN, mediaType: "" }],
    ["with a number as its media type", { ...PLAIN, mediaType: 1 }],
    ["without a size", { ...PLAIN, size: undefined }],
    ["with a string as its size", { ...PLAIN, size: "3" }],
    ["with a negative size", { ...PLAIN, size: -1 }],
    ["with a fractional size", { ...PLAIN, size: 0.5 }],
    ["with an infinite size", { ...PLAIN, size: Number.POSITIVE_INFINITY }],
    ["with a size above the largest safe integer", { ...PLAIN, size: 2 ** 53 }],
    ["without a digest", { ...PLAIN, digest: undefined }],
    ["with an object as its digest", { ...PLAIN, digest: {} }],
    ["with a number as its artifact type", { ...PLAIN, artifactType: 1 }],
    ["with an array as its annotations", { ...PLAIN, annotations: ["a"] }],
    ["with a number as an annotation", { ...PLAIN, annotations: { a: 1 } }],
    ["with null as an annotation", { ...PLAIN, annotations: { a: null } }],
  ])("is rejected: %s", (_, value) => {
    expect(() => parseDescriptor(value, "layers[3]")).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it("cannot have a digest with an unknown algorithm, and the error names the descriptor", () => {
    const error = thrown(() => parseDescriptor({ ...PLAIN, digest: "md5:00" }, "layers[3]"));
    expect(error.code).toBe("DIGEST_INVALID");
    expect(error.message).toContain("layers[3]");
  });

  it("is identified by its index in errors", () => {
    expect(thrown(() => parseDescriptor({}, "layers[3]")).message).toContain("layers[3]");
  });

  it("keeps its properties when parsed, regardless of its annotations", () => {
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

describe("the check for a JSON object", () => {
  it.each<[string, boolean, unknown]>([
    ["an object", true, {}],
    ["an array", false, []],
    ["null", false, null],
    ["a string", false, ""],
    ["a number", false, 0],
  ])("of %s returns %s", (_, expected, value) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});
