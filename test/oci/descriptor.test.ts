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

  it("keeps nothing that a registry has no use for", () => {
    const rich = { ...PLAIN, urls: ["https://example.com"], data: "e30=", platform: { os: "linux" }, x: 1 };
    expect(parseDescriptor(rich, "config")).toEqual(PLAIN);
  });

  it.each<[string, object]>([
    ["an artifact type of null", { artifactType: null }],
    ["an empty artifact type", { artifactType: "" }],
    ["annotations of null", { annotations: null }],
  ])("counts %s as none", (_, extra) => {
    expect(parseDescriptor({ ...PLAIN, ...extra }, "config")).toEqual(PLAIN);
  });

  it.each([0, 1, Number.MAX_SAFE_INTEGER])("may have a size of %d", (size) => {
    expect(parseDescriptor({ ...PLAIN, size }, "config").size).toBe(size);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["a text", DIGEST],
    ["an array", [PLAIN]],
    ["without a media type", { ...PLAIN, mediaType: undefined }],
    ["of an empty media type", { ...PLAIN, mediaType: "" }],
    ["of a media type that is a number", { ...PLAIN, mediaType: 1 }],
    ["without a size", { ...PLAIN, size: undefined }],
    ["of a size in quotes", { ...PLAIN, size: "3" }],
    ["of a negative size", { ...PLAIN, size: -1 }],
    ["of half a byte", { ...PLAIN, size: 0.5 }],
    ["of an infinite size", { ...PLAIN, size: Number.POSITIVE_INFINITY }],
    ["of a size that no number can hold", { ...PLAIN, size: 2 ** 53 }],
    ["without a digest", { ...PLAIN, digest: undefined }],
    ["of a digest that is an object", { ...PLAIN, digest: {} }],
    ["of an artifact type that is a number", { ...PLAIN, artifactType: 1 }],
    ["with annotations in an array", { ...PLAIN, annotations: ["a"] }],
    ["with annotations that are numbers", { ...PLAIN, annotations: { a: 1 } }],
    ["with an annotation of null", { ...PLAIN, annotations: { a: null } }],
  ])("cannot be %s", (_, value) => {
    expect(() => parseDescriptor(value, "layers[3]")).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it("cannot have a digest of an unknown algorithm, and the error says where", () => {
    const error = thrown(() => parseDescriptor({ ...PLAIN, digest: "md5:00" }, "layers[3]"));
    expect(error.code).toBe("DIGEST_INVALID");
    expect(error.message).toContain("layers[3]");
  });

  it("says which one of many is wrong", () => {
    expect(thrown(() => parseDescriptor({}, "layers[3]")).message).toContain("layers[3]");
  });

  it("comes out as it went in, whatever its annotations are", () => {
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
    ["a text", "", false],
    ["a number", 0, false],
  ])("is what %s is, or not", (_, value, expected) => {
    expect(isJsonObject(value)).toBe(expected);
  });
});
