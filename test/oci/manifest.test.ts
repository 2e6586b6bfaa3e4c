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
  it("needs its config and its layers", () => {
    expect(parse(IMAGE).blobs).toEqual([CONFIG, LAYER]);
    expect(parse(IMAGE).children).toEqual([]);
  });

  it("names a blob that it uses twice once among its targets", () => {
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
  ])("does not need a layer of %s", (mediaType) => {
    const foreign = { ...OTHER, mediaType, urls: ["https://example.com/layer"] };
    expect(parse({ ...IMAGE, layers: [foreign, LAYER] }).blobs).toEqual([CONFIG, LAYER]);
  });

  it("needs a config of a nondistributable layer's type all the same", () => {
    const config = { ...CONFIG, mediaType: "application/vnd.oci.image.layer.nondistributable.v1.tar" };
    expect(parse({ ...IMAGE, config }).blobs).toEqual([config, LAYER]);
  });

  it("may have a subject, which it does not need", () => {
    const manifest = parse({ ...IMAGE, subject: CHILD });
    expect(manifest.subject).toEqual(CHILD);
    expect(targetsOf(manifest)).not.toContain(blob("{}").digest);
  });

  it("has no subject when that is null", () => {
    expect(parse({ ...IMAGE, subject: null })).not.toHaveProperty("subject");
  });

  it("may have annotations", () => {
    expect(parse({ ...IMAGE, annotations: { a: "b" } }).annotations).toEqual({ a: "b" });
  });
});

describe("an image's artifact type", () => {
  it("is its own", () => {
    expect(parse({ ...IMAGE, artifactType: "application/x" }).artifactType).toBe("application/x");
  });

  it.each<[string, unknown]>([
    ["missing", undefined],
    ["null", null],
    ["empty", ""],
  ])("is its config's media type when its own is %s", (_, artifactType) => {
    expect(parse({ ...IMAGE, artifactType }).artifactType).toBe("application/vnd.oci.image.config.v1+json");
  });
});

describe("an index", () => {
  it("lists its children, and needs no blobs", () => {
    expect(parse(INDEX).children).toEqual([CHILD]);
    expect(parse(INDEX).blobs).toEqual([]);
  });

  it.each([undefined, null, []])("may be empty: %j", (manifests) => {
    expect(parse({ ...INDEX, manifests }, OCI_IMAGE_INDEX).children).toEqual([]);
  });

  it("has no artifact type but its own", () => {
    expect(parse(INDEX)).not.toHaveProperty("artifactType");
    expect(parse({ ...INDEX, artifactType: "application/x" }).artifactType).toBe("application/x");
  });

  it("may have a subject and annotations", () => {
    const manifest = parse({ ...INDEX, subject: CHILD, annotations: { a: "b" } });
    expect(manifest).toMatchObject({ subject: CHILD, annotations: { a: "b" } });
  });
});

describe("the media type", () => {
  it.each<[string, object, string | undefined, string]>([
    ["the body's, without a Content-Type", IMAGE, undefined, OCI_IMAGE_MANIFEST],
    [
      "the Content-Type, where the body has none",
      { ...IMAGE, mediaType: undefined },
      DOCKER_MANIFEST,
      DOCKER_MANIFEST,
    ],
    ["both, where they agree", IMAGE, OCI_IMAGE_MANIFEST, OCI_IMAGE_MANIFEST],
    ["both, parameters aside", IMAGE, `${OCI_IMAGE_MANIFEST}; charset=utf-8`, OCI_IMAGE_MANIFEST],
    ["both, in other letters", IMAGE, OCI_IMAGE_MANIFEST.toUpperCase(), OCI_IMAGE_MANIFEST],
    ["an image's, where a config says so", { ...IMAGE, mediaType: undefined }, undefined, OCI_IMAGE_MANIFEST],
    ["an index's, where a list says so", { ...INDEX, mediaType: undefined }, undefined, OCI_IMAGE_INDEX],
    ["Docker's, of an image", { ...IMAGE, mediaType: DOCKER_MANIFEST }, undefined, DOCKER_MANIFEST],
    ["Docker's, of a list", { ...INDEX, mediaType: DOCKER_MANIFEST_LIST }, undefined, DOCKER_MANIFEST_LIST],
  ])("is %s", (_, json, contentType, expected) => {
    expect(parse(json, contentType).mediaType).toBe(expected);
  });

  it.each<[string, object, string | undefined]>([
    ["the Content-Type differs from the body", IMAGE, DOCKER_MANIFEST],
    ["the Content-Type is an index's and the body an image", IMAGE, OCI_IMAGE_INDEX],
    ["the Content-Type is any JSON's", IMAGE, "application/json"],
    ["the Content-Type is empty", IMAGE, ""],
    ["the body's is null", { ...IMAGE, mediaType: null }, OCI_IMAGE_MANIFEST],
    ["the body's is a number", { ...IMAGE, mediaType: 1 }, undefined],
    ["neither says, and the body is neither", { schemaVersion: 2 }, undefined],
    [
      "it is Docker's first schema's",
      { ...IMAGE, mediaType: undefined },
      "application/vnd.docker.distribution.manifest.v1+json",
    ],
    ["it is a config's", { ...IMAGE, mediaType: "application/vnd.oci.image.config.v1+json" }, undefined],
  ])("is refused when %s", (_, json, contentType) => {
    expect(() => parse(json, contentType)).toThrow(ociError("MANIFEST_INVALID", 400));
  });
});

describe("bytes that some read as an image and others as an index (CVE-2021-41190)", () => {
  it.each<[string, object]>([
    ["an image that lists manifests", { ...IMAGE, manifests: [CHILD] }],
    ["an image that lists no manifests", { ...IMAGE, manifests: [] }],
    ["an index with layers", { ...INDEX, layers: [LAYER] }],
    ["an index with no layers", { ...INDEX, layers: [] }],
    ["an index with a config", { ...INDEX, config: CONFIG }],
    ["an image with layers of Docker's first schema", { ...IMAGE, fsLayers: [] }],
    ["an index with layers of Docker's first schema", { ...INDEX, fsLayers: [] }],
    ["an image by its config, without a media type", { ...IMAGE, mediaType: undefined, manifests: [CHILD] }],
  ])("are refused: %s", (_, json) => {
    expect(() => parse(json)).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it("are not ambiguous when the other's list is null", () => {
    expect(parse({ ...IMAGE, manifests: null }).blobs).toHaveLength(2);
    expect(parse({ ...INDEX, layers: null, config: null }).children).toHaveLength(1);
  });
});

describe("a manifest", () => {
  it.each<[string, Uint8Array]>([
    ["empty", Buffer.alloc(0)],
    ["not JSON", Buffer.from("{")],
    ["not UTF-8", Buffer.from([0x7b, 0xff, 0x7d])],
    ["JSON behind a byte order mark", Buffer.from(`\uFEFF${JSON.stringify(IMAGE)}`)],
    ["JSON with something behind", Buffer.from(`${JSON.stringify(IMAGE)}x`)],
    ["JSON in UTF-16", Buffer.from(JSON.stringify(IMAGE), "utf16le")],
    ["an array", Buffer.from("[]")],
    ["null", Buffer.from("null")],
    ["a text", Buffer.from('"manifest"')],
    ["a number", Buffer.from("2")],
    ["nested beyond measure", Buffer.from("[".repeat(200_000))],
  ])("cannot be %s", (_, bytes) => {
    expect(() => parseManifest(bytes, OCI_IMAGE_MANIFEST)).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it.each<[string, object]>([
    ["schema version 1", { ...IMAGE, schemaVersion: 1 }],
    ["a schema version in quotes", { ...IMAGE, schemaVersion: "2" }],
    ["no schema version", { ...IMAGE, schemaVersion: undefined }],
    ["no config", { ...IMAGE, config: undefined }],
    ["a config of null", { ...IMAGE, config: null }],
    ["layers that are an object", { ...IMAGE, layers: {} }],
    ["a layer of null", { ...IMAGE, layers: [null] }],
    ["a layer without a size", { ...IMAGE, layers: [LAYER, { ...LAYER, size: undefined }] }],
    ["children that are a text", { ...INDEX, manifests: "" }],
    ["a child without a media type", { ...INDEX, manifests: [{ ...CHILD, mediaType: "" }] }],
    ["a subject that is a text", { ...IMAGE, subject: "sha256:00" }],
    ["an artifact type that is a number", { ...IMAGE, artifactType: 1 }],
    ["annotations that are an array", { ...IMAGE, annotations: [] }],
    ["annotations that are not texts", { ...IMAGE, annotations: { a: {} } }],
  ])("cannot have %s", (_, json) => {
    expect(() => parse(json)).toThrow(ociError("MANIFEST_INVALID", 400));
  });

  it("says which layer is wrong", () => {
    const layers = [LAYER, { ...LAYER, digest: "sha256:abc" }];
    const error = thrown(() => parse({ ...IMAGE, layers }));
    expect(error.code).toBe("DIGEST_INVALID");
    expect(error.message).toContain("layers[1]");
  });

  it("of any JSON is taken or refused, with nothing in between", () => {
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
