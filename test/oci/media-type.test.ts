import { describe, expect, it } from "vitest";
import {
  isIndexMediaType,
  isManifestMediaType,
  isNondistributable,
  withoutParameters,
} from "../../lib/oci/media-type.ts";

describe("a media type", () => {
  it.each<[string, "image" | "index" | "neither"]>([
    ["application/vnd.oci.image.manifest.v1+json", "image"],
    ["application/vnd.oci.image.index.v1+json", "index"],
    ["application/vnd.docker.distribution.manifest.v2+json", "image"],
    ["application/vnd.docker.distribution.manifest.list.v2+json", "index"],
    ["application/vnd.docker.distribution.manifest.v1+json", "neither"],
    ["application/vnd.docker.distribution.manifest.v1+prettyjws", "neither"],
    ["application/vnd.oci.artifact.manifest.v1+json", "neither"],
    ["application/vnd.oci.image.config.v1+json", "neither"],
    ["application/json", "neither"],
    ["", "neither"],
  ])("%s is that of an %s", (text, kind) => {
    expect(isManifestMediaType(text)).toBe(kind !== "neither");
    if (isManifestMediaType(text)) expect(isIndexMediaType(text)).toBe(kind === "index");
  });

  it.each<[string, string]>([
    ["application/json", "application/json"],
    ["application/json; charset=utf-8", "application/json"],
    ["application/json;charset=utf-8;x=y", "application/json"],
    [" Application/JSON ", "application/json"],
    ["", ""],
    [";", ""],
  ])("%j is %j without its parameters", (text, expected) => {
    expect(withoutParameters(text)).toBe(expected);
  });
});

describe("a layer", () => {
  it.each([
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
  ])("can be missing when its type is %s", (mediaType) => {
    expect(isNondistributable(mediaType)).toBe(true);
  });

  it.each([
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip/x",
    "x-application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v2.tar",
  ])("must be stored when its type is %s", (mediaType) => {
    expect(isNondistributable(mediaType)).toBe(false);
  });
});
