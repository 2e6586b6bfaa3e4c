import { CONFIG, IMAGE_MANIFEST_MEDIA_TYPE, INDEX } from "../content.ts";
import { put, putManifest, type Row } from "./row.ts";

const HEX = "0".repeat(64);
const FINE = `{"schemaVersion":2,"mediaType":"${IMAGE_MANIFEST_MEDIA_TYPE}","config":{config},"layers":[]}`;

/** Creates an image manifest in which properties are replaced by JSON texts, or omitted. */
function image(replaced: Readonly<Record<string, string | undefined>>): string {
  const parts = {
    schemaVersion: "2",
    mediaType: `"${IMAGE_MANIFEST_MEDIA_TYPE}"`,
    config: "{config}",
    layers: "[]",
    ...replaced,
  };
  return object(parts);
}

function index(replaced: Readonly<Record<string, string | undefined>>): string {
  return object({ schemaVersion: "2", mediaType: `"${INDEX}"`, manifests: "[]", ...replaced });
}

function descriptor(replaced: Readonly<Record<string, string | undefined>>): string {
  return object({ mediaType: `"${CONFIG}"`, digest: `"sha256:${HEX}"`, size: "2", ...replaced });
}

function missingLayers(count: number): string {
  const digests = Array.from({ length: count }, (_, number) => number.toString(16).padStart(64, "0"));
  return `[${digests.map((hex) => descriptor({ digest: `"sha256:${hex}"` })).join(",")}]`;
}

function object(parts: Readonly<Record<string, string | undefined>>): string {
  const present = Object.entries(parts).filter(([, json]) => json !== undefined);
  return `{${present.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(",")}}`;
}

const NOT_MANIFESTS: readonly (readonly [what: string, body: string])[] = [
  ["no bytes", ""],
  ["white space", " \r\n\t"],
  ["half a manifest", FINE.slice(0, 40)],
  ["a manifest without its last brace", FINE.slice(0, -1)],
  ["a manifest with an extra brace", `${FINE}}`],
  ["two manifests", `${FINE}\n${FINE}`],
  ["null", "null"],
  ["true", "true"],
  ["a number", "2"],
  ["a string", `"manifest"`],
  ["an array", "[]"],
  ["an array of a manifest", `[${FINE}]`],
  ["an empty object", "{}"],
  ["a manifest after a byte order mark", `\xef\xbb\xbf${FINE}`],
  ["a manifest in UTF-16", `\xff\xfe${[...FINE].join("\0")}\0`],
  ["a manifest with a byte that is not UTF-8", image({ note: '"\xff"' })],
  ["a manifest in Latin-1", image({ note: '"\xe4"' })],
  ["a manifest with an overlong form", image({ note: '"\xc0\xaf"' })],
  ["a manifest with half a surrogate pair", image({ note: '"\xed\xa0\x80"' })],
  ["a manifest with NUL after it", `${FINE}\0`],
  ["a manifest with a bare control character", image({ note: '"\x01"' })],
  ["a manifest with single quotes", FINE.replaceAll('"', "'")],
  ["a manifest with a comment", `${FINE} // fine`],
  ["a manifest with an extra comma", `${FINE.slice(0, -1)},}`],
  ["a manifest with NaN", image({ note: "NaN" })],
  ["a manifest with an unquoted key", FINE.replace('"layers"', "layers")],
  ["100 000 open brackets", "[".repeat(100_000)],
  ["100 000 open braces", '{"a":'.repeat(100_000)],
  ["100 000 nested arrays", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ["gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xab\xae\x05\x00\x43\xbf\xa6\xa3\x02\x00\x00\x00"],
  ["XML", '<?xml version="1.0"?><manifest/>'],
  ["a form", "schemaVersion=2"],
];

const WRONG_PARTS: readonly (readonly [what: string, body: string])[] = [
  ["no schemaVersion", image({ schemaVersion: undefined })],
  ["schemaVersion 1", image({ schemaVersion: "1" })],
  ["schemaVersion 3", image({ schemaVersion: "3" })],
  ['schemaVersion "2"', image({ schemaVersion: '"2"' })],
  ["schemaVersion null", image({ schemaVersion: "null" })],
  ["schemaVersion [2]", image({ schemaVersion: "[2]" })],
  ["a second schemaVersion, of 1", image({ "": `0,"schemaVersion":1` })],
  ["mediaType of a number", image({ mediaType: "1" })],
  ["mediaType of an array", image({ mediaType: `["${IMAGE_MANIFEST_MEDIA_TYPE}"]` })],
  ["mediaType of an index", image({ mediaType: `"${INDEX}"` })],
  ["no config", image({ config: undefined })],
  ["config null", image({ config: "null" })],
  ["config of an array", image({ config: "[{config}]" })],
  ["config of a digest", image({ config: `"sha256:${HEX}"` })],
  ["an empty config", image({ config: "{}" })],
  ["a second config, which is null", image({ "": `0,"config":null` })],
  ["layers of an object", image({ layers: "{}" })],
  ["layers of a string", image({ layers: '"none"' })],
  ["layers of a number", image({ layers: "0" })],
  ["layers of a descriptor without an array", image({ layers: "{config}" })],
  ["a layer null", image({ layers: "[null]" })],
  ["a layer of a number", image({ layers: "[1]" })],
  ["a layer of a digest", image({ layers: `["sha256:${HEX}"]` })],
  ["a layer of an array", image({ layers: "[[]]" })],
  ["an empty layer", image({ layers: "[{}]" })],
  [
    "layers of which the last is wrong",
    image({ layers: `[{config},{config},${descriptor({ size: "-1" })}]` }),
  ],
  ["layers 50 000 deep", image({ layers: `${"[".repeat(50_000)}${"]".repeat(50_000)}` })],
  ["annotations of an array", image({ annotations: "[]" })],
  ["annotations of a string", image({ annotations: '"a"' })],
  ["annotations of a number", image({ annotations: "1" })],
  ["annotations with a number", image({ annotations: '{"a":1}' })],
  ["annotations with null", image({ annotations: '{"a":null}' })],
  ["annotations with an object", image({ annotations: '{"a":{}}' })],
  ["annotations 50 000 deep", image({ annotations: `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}` })],
  ["artifactType of a number", image({ artifactType: "1" })],
  ["artifactType of an object", image({ artifactType: "{}" })],
  ["subject of a digest", image({ subject: `"sha256:${HEX}"` })],
  ["subject of an array", image({ subject: "[]" })],
  ["an empty subject", image({ subject: "{}" })],
  ["subject of a number", image({ subject: "0" })],
  ["subject false", image({ subject: "false" })],
  ["the manifests of an index", image({ manifests: "[]" })],
  ["the fsLayers of schema 1", image({ fsLayers: "[]" })],
];

const WRONG_INDEX_PARTS: readonly (readonly [what: string, body: string])[] = [
  ["manifests of an object", index({ manifests: "{}" })],
  ["manifests of a string", index({ manifests: '"none"' })],
  ["a manifest null", index({ manifests: "[null]" })],
  ["an empty manifest", index({ manifests: "[{}]" })],
  ["a manifest of negative size", index({ manifests: `[${descriptor({ size: "-1" })}]` })],
  ["the layers of an image", index({ layers: "[]" })],
  ["the config of an image", index({ config: "{config}" })],
  ["annotations of an array", index({ annotations: "[]" })],
  ["a subject without size", index({ subject: descriptor({ size: undefined }) })],
  ["schemaVersion 1", index({ schemaVersion: "1" })],
];

/** Invalid descriptors, which are invalid in each property of a manifest. */
const WRONG_DESCRIPTORS: readonly (readonly [what: string, descriptor: string, code: string])[] = [
  ["no mediaType", descriptor({ mediaType: undefined }), "MANIFEST_INVALID"],
  ["mediaType null", descriptor({ mediaType: "null" }), "MANIFEST_INVALID"],
  ["an empty mediaType", descriptor({ mediaType: '""' }), "MANIFEST_INVALID"],
  ["mediaType of a number", descriptor({ mediaType: "1" }), "MANIFEST_INVALID"],
  ["mediaType of an object", descriptor({ mediaType: "{}" }), "MANIFEST_INVALID"],
  ["no digest", descriptor({ digest: undefined }), "MANIFEST_INVALID"],
  ["digest null", descriptor({ digest: "null" }), "MANIFEST_INVALID"],
  ["digest of a number", descriptor({ digest: "1" }), "MANIFEST_INVALID"],
  ["digest of an array", descriptor({ digest: `["sha256:${HEX}"]` }), "MANIFEST_INVALID"],
  ["an empty digest", descriptor({ digest: '""' }), "DIGEST_INVALID"],
  ["a short digest", descriptor({ digest: '"sha256:abc"' }), "DIGEST_INVALID"],
  ["a digest in upper case", descriptor({ digest: `"sha256:${"A".repeat(64)}"` }), "DIGEST_INVALID"],
  ["a digest of md5", descriptor({ digest: `"md5:${HEX.slice(32)}"` }), "DIGEST_INVALID"],
  ["a digest with parent folders", descriptor({ digest: '"sha256:../../../etc/passwd"' }), "DIGEST_INVALID"],
  ["a digest with a line feed after it", descriptor({ digest: `"sha256:${HEX}\\n"` }), "DIGEST_INVALID"],
  ["no size", descriptor({ size: undefined }), "MANIFEST_INVALID"],
  ["size null", descriptor({ size: "null" }), "MANIFEST_INVALID"],
  ["size of a string", descriptor({ size: '"2"' }), "MANIFEST_INVALID"],
  ["size of an array", descriptor({ size: "[2]" }), "MANIFEST_INVALID"],
  ["size true", descriptor({ size: "true" }), "MANIFEST_INVALID"],
  ["a negative size", descriptor({ size: "-2" }), "MANIFEST_INVALID"],
  ["a size with a fraction", descriptor({ size: "2.5" }), "MANIFEST_INVALID"],
  ["a size above the largest safe integer", descriptor({ size: "9007199254740993" }), "MANIFEST_INVALID"],
  ["a size above the largest number", descriptor({ size: "1e400" }), "MANIFEST_INVALID"],
  ["annotations of an array", descriptor({ annotations: "[]" }), "MANIFEST_INVALID"],
  ["annotations with a number", descriptor({ annotations: '{"a":1}' }), "MANIFEST_INVALID"],
  ["artifactType of a number", descriptor({ artifactType: "1" }), "MANIFEST_INVALID"],
];

const CONTENT_TYPES = [
  "text/plain",
  "application/json",
  "application/octet-stream",
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.distribution.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v1+prettyjws",
  "application",
  ";",
  "*/*",
  INDEX,
  `${IMAGE_MANIFEST_MEDIA_TYPE}, ${INDEX}`,
  `${IMAGE_MANIFEST_MEDIA_TYPE}x`,
  "a".repeat(4096),
];

export const MANIFEST_ROWS: readonly Row[] = [
  ...NOT_MANIFESTS.map(
    ([what, body]): Row => [`${what} for a manifest`, putManifest(body), 400, "MANIFEST_INVALID"],
  ),
  ...WRONG_PARTS.map(
    ([what, body]): Row => [`an image with ${what}`, putManifest(body), 400, "MANIFEST_INVALID"],
  ),
  ...WRONG_INDEX_PARTS.map(
    ([what, body]): Row => [`an index with ${what}`, putManifest(body, INDEX), 400, "MANIFEST_INVALID"],
  ),
  ...WRONG_DESCRIPTORS.flatMap(([what, wrong, code]): Row[] => [
    [`a config with ${what}`, putManifest(image({ config: wrong })), 400, code],
    [`a layer with ${what}`, putManifest(image({ layers: `[${wrong}]` })), 400, code],
    [`a subject with ${what}`, putManifest(image({ subject: wrong })), 400, code],
    [`an index's manifest with ${what}`, putManifest(index({ manifests: `[${wrong}]` }), INDEX), 400, code],
  ]),
  ...CONTENT_TYPES.map(
    (type): Row => [
      `the content type ${type.slice(0, 60)} for an image`,
      putManifest(FINE, type),
      400,
      "MANIFEST_INVALID",
    ],
  ),
  [
    "a manifest without a type in its header and body",
    put("/v2/{repo}/manifests/bad", { body: '{"schemaVersion":2}' }),
    400,
    "MANIFEST_INVALID",
  ],
  [
    "layers twice, the second of which is missing",
    putManifest(image({ "": `0,"layers":[${descriptor({})}]` })),
    404,
    "MANIFEST_BLOB_UNKNOWN",
  ],
  ["a config that is missing", putManifest(image({ config: descriptor({}) })), 404, "MANIFEST_BLOB_UNKNOWN"],
  [
    "a nondistributable config that is missing",
    putManifest(
      image({
        config: descriptor({ mediaType: '"application/vnd.oci.image.layer.nondistributable.v1.tar"' }),
      }),
    ),
    404,
    "MANIFEST_BLOB_UNKNOWN",
  ],
  [
    "1999 layers that are missing",
    putManifest(image({ layers: missingLayers(1999) })),
    404,
    "MANIFEST_BLOB_UNKNOWN",
  ],
  [
    "10 000 layers, which are more than the limit",
    putManifest(image({ layers: missingLayers(10_000) })),
    400,
    "MANIFEST_INVALID",
  ],
  [
    "a manifest of 5 MiB",
    putManifest(image({ note: `"${"x".repeat(5 * 1024 * 1024)}"` })),
    413,
    "MANIFEST_INVALID",
  ],
];
