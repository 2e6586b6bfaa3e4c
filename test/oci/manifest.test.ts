import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OciError } from "../../lib/oci/errors.ts";
import { type Manifest, parseManifest, targetsOf } from "../../lib/oci/manifest.ts";
import {
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  OCI_IMAGE_INDEX,
  OCI_IMAGE_MANIFEST,
} from "../../lib/oci/media-type.ts";
import { blob, descriptor } from "../support/content.ts";
import { ociError, thrown } from "../support/errors.ts";

const CONFIG = descriptor({ ...blob("config"), mediaType: "application/vnd.oci.image.config.v1+json" });
const LAYER = descriptor({ ...blob("layer"), mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" });
const OTHER = descriptor({ ...blob("other"), mediaType: "application/vnd.oci.image.layer.v1.tar+gzip" });
const CHILD = descriptor({ ...blob("{}"), mediaType: OCI_IMAGE_MANIFEST });
const IMAGE = { schemaVersion: 2, mediaType: OCI_IMAGE_MANIFEST, config: CONFIG, layers: [LAYER] };
const INDEX = { schemaVersion: 2, mediaType: OCI_IMAGE_INDEX, manifests: [CHILD] };

function parse(json: unknown, contentType?: string): Manifest {
  return parseManifest(Buffer.from(JSON.stringify(json)), contentType);
}

describe("an image manifest", () => {
  it("depends on its config and its layers", () => {
    expect(parse(IMAGE).blobs).toEqual([CONFIG, LAYER]);
    expect(parse(IMAGE).children).toEqual([]);
  });

  it("depends only once on a blob that it lists twice", () => {
    const { digest } = blob("layer");
    expect(targetsOf(parse({ ...IMAGE, layers: [LAYER, LAYER] }))).toEqual([blob("config").digest, digest]);
  });

  it.each<[string, unknown]>([
    ["missing", undefined],
    ["null, as Go writes an empty list", null],
    ["empty", []],
  ])("has no layers when their list is %s", (_, layers) => {
    expect(parse({ ...IMAGE, layers }).blobs).toEqual([CONFIG]);
  });

  it.each([
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  ])("does not depend on a layer of type %s", (mediaType) => {
    const nondistributable = { ...OTHER, mediaType, urls: ["https://example.com/layer"] };
    expect(parse({ ...IMAGE, layers: [nondistributable, LAYER] }).blobs).toEqual([CONFIG, LAYER]);
  });

  it("depends on a config even if its type is a nondistributable layer's", () => {
    const config = { ...CONFIG, mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar" };
    expect(parse({ ...IMAGE, config }).blobs).toEqual([config, LAYER]);
  });

  it("may have a subject, on which it does not depend", () => {
    const manifest = parse({ ...IMAGE, subject: CHILD });
    expect(manifest.subject).toEqual(CHILD);
    expect(targetsOf(manifest)).not.toContain(blob("{}").digest);
  });

  it("has no subject when that is null", () => {
    expect(parse({ ...IMAGE, subject: null })).not.toHaveProperty("subject");
  });

  it("can have annotations", () => {
    expect(parse({ ...IMAGE, annotations: { a: "b" } }).annotations).toEqual({ a: "b" });
  });
});

describe("an image's artifact type", () => {
  it("is the one that the manifest states", () => {
    expect(parse({ ...IMAGE, artifactType: "application/x" }).artifactType).toBe("application/x");
  });

  it.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
  ])("is the config's media type when the manifest's own is %s", (_, artifactType) => {
    expect(parse({ ...IMAGE, artifactType }).artifactType).toBe("application/vnd.oci.image.config.v1+json");
  });
});

describe("an index", () => {
  it("depends on its children, and on no blobs", () => {
    expect(parse(INDEX).children).toEqual([CHILD]);
    expect(parse(INDEX).blobs).toEqual([]);
  });

  it.each([undefined, null, []])("can be empty: %j", (manifests) => {
    expect(parse({ ...INDEX, manifests }, OCI_IMAGE_INDEX).children).toEqual([]);
  });

  it("has only the artifact type that it states", () => {
    expect(parse(INDEX)).not.toHaveProperty("artifactType");
    expect(parse({ ...INDEX, artifactType: "application/x" }).artifactType).toBe("application/x");
  });

  it("may have a subject and annotations", () => {
    const manifest = parse({ ...INDEX, subject: CHILD, annotations: { a: "b" } });
    expect(manifest).toMatchObject({ subject: CHILD, annotations: { a: "b" } });
  });
});

describe("the media type of a manifest", () => {
  it.each<[string, object, string | undefined, string]>([
    ["taken from the body, without a Content-Type", IMAGE, undefined, OCI_IMAGE_MANIFEST],
    [
      "taken from the Content-Type, if the body states none",
      { ...IMAGE, mediaType: undefined },
      DOCKER_MANIFEST,
      DOCKER_MANIFEST,
    ],
    ["taken from both, if they are equal", IMAGE, OCI_IMAGE_MANIFEST, OCI_IMAGE_MANIFEST],
    [
      "taken from both, without parameters",
      IMAGE,
      `${OCI_IMAGE_MANIFEST}; charset=utf-8`,
      OCI_IMAGE_MANIFEST,
    ],
    ["taken from both, regardless of case", IMAGE, OCI_IMAGE_MANIFEST.toUpperCase(), OCI_IMAGE_MANIFEST],
    [
      "an image's, if the body has a config and states no type",
      { ...IMAGE, mediaType: undefined },
      undefined,
      OCI_IMAGE_MANIFEST,
    ],
    [
      "an index's, if the body lists manifests and states no type",
      { ...INDEX, mediaType: undefined },
      undefined,
      OCI_IMAGE_INDEX,
    ],
    [
      "taken from the Content-Type, if the body's is empty",
      { ...IMAGE, mediaType: "" },
      OCI_IMAGE_MANIFEST,
      OCI_IMAGE_MANIFEST,
    ],
    [
      "taken from the Content-Type, if the body's is null",
      { ...IMAGE, mediaType: null },
      OCI_IMAGE_MANIFEST,
      OCI_IMAGE_MANIFEST,
    ],
    [
      "an image's, if the body has a config and an empty type",
      { ...IMAGE, mediaType: "" },
      undefined,
      OCI_IMAGE_MANIFEST,
    ],
    ["taken from the body, if the Content-Type is empty", IMAGE, "", OCI_IMAGE_MANIFEST],
    ["Docker's image type", { ...IMAGE, mediaType: DOCKER_MANIFEST }, undefined, DOCKER_MANIFEST],
    [
      "Docker's manifest list type",
      { ...INDEX, mediaType: DOCKER_MANIFEST_LIST },
      undefined,
      DOCKER_MANIFEST_LIST,
    ],
  ])("is %s", (_, json, contentType, expected) => {
    expect(parse(json, contentType).mediaType).toBe(expected);
  });

  it.each<[string, object, string | undefined]>([
    ["the Content-Type differs from the body", IMAGE, DOCKER_MANIFEST],
    ["the Content-Type is an index's and the body an image", IMAGE, OCI_IMAGE_INDEX],
    ["the Content-Type is application/json", IMAGE, "application/json"],
    ["the body's type is a number", { ...IMAGE, mediaType: 1 }, undefined],
    ["both are missing, and the body is neither an image nor an index", { schemaVersion: 2 }, undefined],
    [
      "it is Docker's schema 1 type",
      { ...IMAGE, mediaType: undefined },
      "application/vnd.docker.distribution.manifest.v1+json",
    ],
    ["it is a config's type", { ...IMAGE, mediaType: "application/vnd.oci.image.config.v1+json" }, undefined],
  ])("is rejected when %s", (_, json, contentType) => {
    expect(() => parse(json, contentType)).toThrow(ociError("MANIFEST_INVALID", 400));
  });
});

describe("manifests that are ambiguous between image and index (CVE-2021-41190)", () => {
  it.each<[string, object]>([
    ["an image that lists manifests", { ...IMAGE, manifests: [CHILD] }],
    ["an image with an empty list of manifests", { ...IMAGE, manifests: [] }],
    ["an index with layers", { ...INDEX, layers: [LAYER] }],
    ["an index with an empty list of layers", { ...INDEX, layers: [] }],
    ["an index with a config", { ...INDEX, config: CONFIG }],
    ["an image with layers of Docker's schema 1", { ...IMAGE, fsLayers: [] }],
    ["an index with layers of Docker's schema 1", { ...INDEX, fsLayers: [] }],
    [
      "an image with a config and manifests, without a media type",
      { ...IMAGE, mediaType: undefined, manifests: [CHILD] },
    ],
  ])("are rejected: %s", (_, json) => {
    expect(() => parse(json)).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it("are accepted when the other type's list is null", () => {
    expect(parse({ ...IMAGE, manifests: null }).blobs).toHaveLength(2);
    expect(parse({ ...INDEX, layers: null, config: null }).children).toHaveLength(1);
  });
});

describe("a manifest", () => {
  it.each<[string, Uint8Array]>([
    ["empty", Buffer.alloc(0)],
    ["not JSON", Buffer.from("{")],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["JSON after a byte order mark", Buffer.from(`\uFEFF${JSON.stringify(IMAGE)}`)],
    ["JSON with trailing bytes", Buffer.from(`${JSON.stringify(IMAGE)}x`)],
    ["JSON in UTF-16", Buffer.from(JSON.stringify(IMAGE), "utf16le")],
    ["an array", Buffer.from("[]")],
    ["null", Buffer.from("null")],
    ["a string", Buffer.from('"manifest"')],
    ["a number", Buffer.from("2")],
    ["nested excessively", Buffer.from("[".repeat(200_000))],
  ])("cannot be %s", (_, bytes) => {
    expect(() => parseManifest(bytes, OCI_IMAGE_MANIFEST)).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it.each<[string, object]>([
    ["schema version 1", { ...IMAGE, schemaVersion: 1 }],
    ["a string as schema version", { ...IMAGE, schemaVersion: "2" }],
    ["no schema version", { ...IMAGE, schemaVersion: undefined }],
    ["no config", { ...IMAGE, config: undefined }],
    ["null as config", { ...IMAGE, config: null }],
    ["an object as layers", { ...IMAGE, layers: {} }],
    ["null as layer", { ...IMAGE, layers: [null] }],
    ["a layer without a size", { ...IMAGE, layers: [LAYER, { ...LAYER, size: undefined }] }],
    ["a string as children", { ...INDEX, manifests: "" }],
    ["a child without a media type", { ...INDEX, manifests: [{ ...CHILD, mediaType: "" }] }],
    ["a string as subject", { ...IMAGE, subject: "sha256:00" }],
    ["a number as its artifact type", { ...IMAGE, artifactType: 1 }],
    ["an array as its annotations", { ...IMAGE, annotations: [] }],
    ["an annotation that is not a string", { ...IMAGE, annotations: { a: {} } }],
  ])("cannot have %s", (_, json) => {
    expect(() => parse(json)).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it("with an invalid layer is rejected with the layer's index", () => {
    const layers = [LAYER, { ...LAYER, digest: "sha256:abc" }];
    const error = thrown(() => parse({ ...IMAGE, layers }));
    expect(error.code).toBe("DIGEST_INVALID");
    expect(error.message).toContain("layers[1]");
  });

  it("of any JSON is either accepted or rejected with an OciError", () => {
    const parts = fc.record(
      {
        schemaVersion: fc.constantFrom<unknown>(2, 1, "2", null),
        mediaType: fc.constantFrom<unknown>(OCI_IMAGE_MANIFEST, OCI_IMAGE_INDEX, DOCKER_MANIFEST, "x", null),
        config: fc.oneof(fc.constantFrom<unknown>(CONFIG, null), fc.jsonValue()),
        layers: fc.oneof(fc.constantFrom<unknown>([LAYER], [], null), fc.jsonValue()),
        manifests: fc.oneof(fc.constantFrom<unknown>([CHILD], [], null), fc.jsonValue()),
        subject: fc.oneof(fc.constantFrom<unknown>(CHILD, null), fc.jsonValue()),
        annotations: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
        artifactType: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const contentType = fc.option(fc.constantFrom(OCI_IMAGE_MANIFEST, OCI_IMAGE_INDEX, "text/plain"), {
      nil: undefined,
    });
    fc.assert(
      fc.property(parts, contentType, (json, type) => expectSound(json, type)),
      { numRuns: 500 },
    );
  });

  function expectSound(json: object, contentType: string | undefined): void {
    let manifest: Manifest;
    try {
      manifest = parse(json, contentType);
    } catch (error) {
      expect(error).toBeInstanceOf(OciError);
      return;
    }
    for (const { digest, size } of [...manifest.blobs, ...manifest.children]) {
      expect(digest).toMatch(/^sha(256|512):[0-9a-f]+$/);
      expect(size).toBeGreaterThanOrEqual(0);
    }
    const isIndex = [OCI_IMAGE_INDEX, DOCKER_MANIFEST_LIST].includes(manifest.mediaType);
    expect(isIndex ? manifest.blobs : manifest.children).toEqual([]);
  }
});
