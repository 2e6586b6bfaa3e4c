import { describe, expect, it } from "vitest";
import {
  CONFIG,
  type Described,
  digestOf,
  IMAGE_MANIFEST_MEDIA_TYPE,
  INDEX,
  imageManifest,
  indexManifest,
  type ManifestParts,
  UNKNOWN_DIGEST,
} from "../content.ts";
import { pushBlobsOf, pushImage, putManifest } from "../push.ts";
import { failureOf } from "../responses.ts";
import { forEachBackend, type TestContext } from "../test-context.ts";

const SUBJECT: Described = {
  mediaType: IMAGE_MANIFEST_MEDIA_TYPE,
  digest: `sha256:${"5".repeat(64)}`,
  size: 5,
};
const SHA512_SUBJECT: Described = { ...SUBJECT, digest: `sha512:${"5".repeat(128)}` };
const ANNOTATIONS = { "org.example": "x", "": "", constructor: "a", toString: "b" };
/** Longer than the annotations that the records copy. */
const LONG_ANNOTATIONS = { long: "x".repeat(100_000) };

/** Manifests with a subject, and their properties in the list besides digest, size and media type. */
const REFERRERS: readonly (readonly [string, (config: Described) => Buffer, object])[] = [
  ["an image", (config) => imageManifest({ config, subject: SUBJECT }), { artifactType: CONFIG }],
  [
    "an artifact",
    (config) => imageManifest({ config, subject: SUBJECT, artifactType: "text/a" }),
    { artifactType: "text/a" },
  ],
  [
    "an image with an empty artifactType",
    (config) => imageManifest({ config, subject: SUBJECT, artifactType: "" }),
    { artifactType: CONFIG },
  ],
  ["an index", () => indexManifest([], { subject: SUBJECT }), {}],
  [
    "an index with an artifactType",
    () => indexManifest([], { subject: SUBJECT, artifactType: "text/i" }),
    { artifactType: "text/i" },
  ],
  [
    "an index with an empty artifactType",
    () => indexManifest([], { subject: SUBJECT, artifactType: "" }),
    {},
  ],
  [
    "an image with annotations",
    (config) => imageManifest({ config, subject: SUBJECT, annotations: ANNOTATIONS }),
    { artifactType: CONFIG, annotations: ANNOTATIONS },
  ],
  [
    "an image with long annotations",
    (config) => imageManifest({ config, subject: SUBJECT, annotations: LONG_ANNOTATIONS }),
    { artifactType: CONFIG, annotations: LONG_ANNOTATIONS },
  ],
  [
    "an index with annotations",
    () => indexManifest([], { subject: SUBJECT, annotations: ANNOTATIONS }),
    { annotations: ANNOTATIONS },
  ],
];

async function list(context: TestContext, repository: string, query = "", subject = SUBJECT) {
  const response = await context.client.get(`/v2/${repository}/referrers/${subject.digest}${query}`);
  expect([response.status, response.headers["content-type"]]).toEqual([200, INDEX]);
  const { manifests, ...rest } = JSON.parse(response.body.toString()) as { manifests: Described[] };
  expect(rest).toEqual({ schemaVersion: 2, mediaType: INDEX });
  return { manifests, headers: response.headers };
}

forEachBackend("referrers", (context) => {
  async function arrange() {
    const repository = context.newRepository();
    const { config } = await pushBlobsOf(context.client, repository, "referrers");
    const push = async (manifest: Buffer, reference = digestOf(manifest)) => {
      const response = await putManifest(context.client, repository, reference, manifest);
      expect(response.status).toBe(201);
      return response;
    };
    const refer = (parts: ManifestParts) => push(imageManifest({ config, subject: SUBJECT, ...parts }));
    return { repository, config, push, refer };
  }

  describe.each(REFERRERS)("%s", (_name, referrer, expected) => {
    it("is listed with the properties of its manifest and acknowledged with OCI-Subject", async () => {
      const { repository, config, push } = await arrange();
      const manifest = referrer(config);
      expect((await push(manifest)).headers["oci-subject"]).toBe(SUBJECT.digest);
      const { mediaType } = JSON.parse(manifest.toString());
      const descriptor = { mediaType, digest: digestOf(manifest), size: manifest.length, ...expected };
      expect((await list(context, repository)).manifests).toEqual([descriptor]);
    });
  });

  it.each([
    ["an unknown repository", () => context.newRepository()],
    ["a manifest without referrers", async () => (await arrange()).repository],
  ])("are an empty list for %s", async (_name, make) => {
    const { manifests, headers } = await list(context, await make());
    expect([manifests, headers["oci-filters-applied"], headers["link"]]).toEqual([[], undefined, undefined]);
  });

  it("are not acknowledged with OCI-Subject when the manifest has no subject", async () => {
    const { config, push } = await arrange();
    expect((await push(imageManifest({ config }))).headers["oci-subject"]).toBeUndefined();
  });

  it("are listed once when pushed by tag and by digest", async () => {
    const { repository, config, push } = await arrange();
    const manifest = imageManifest({ config, subject: SUBJECT });
    for (const reference of ["a", "b", digestOf(manifest)]) {
      expect((await push(manifest, reference)).headers["oci-subject"]).toBe(SUBJECT.digest);
    }
    expect((await list(context, repository)).manifests).toHaveLength(1);
  });

  it("may have a sha512 digest themselves, and a subject with a sha512 digest", async () => {
    const { repository, config, push } = await arrange();
    const manifest = imageManifest({ config, subject: SHA512_SUBJECT });
    const digest = digestOf(manifest, "sha512");
    expect((await push(manifest, digest)).headers["oci-subject"]).toBe(SHA512_SUBJECT.digest);
    const { manifests } = await list(context, repository, "", SHA512_SUBJECT);
    expect(manifests.map((manifest) => manifest.digest)).toEqual([digest]);
  });

  it("remain listed after their subject is pushed and after it is deleted", async () => {
    const repository = context.newRepository();
    const image = await pushBlobsOf(context.client, repository, "subject");
    const subject = {
      mediaType: IMAGE_MANIFEST_MEDIA_TYPE,
      digest: image.digest,
      size: image.manifest.length,
    };
    const referrer = imageManifest({ config: image.config, subject });
    await putManifest(context.client, repository, digestOf(referrer), referrer);
    const digests = async () =>
      (await list(context, repository, "", subject)).manifests.map(({ digest }) => digest);
    expect(await digests()).toEqual([digestOf(referrer)]);
    expect((await pushImage(context.client, repository, "subject")).digest).toBe(image.digest);
    expect(await digests()).toEqual([digestOf(referrer)]);
    expect((await context.client.delete(`/v2/${repository}/manifests/${image.digest}`)).status).toBe(202);
    expect(await digests()).toEqual([digestOf(referrer)]);
  });

  it("are no longer listed after their deletion", async () => {
    const { repository, refer } = await arrange();
    const kept = (await refer({ artifactType: "text/a" })).headers["docker-content-digest"];
    const deleted = (await refer({ artifactType: "text/b" })).headers["docker-content-digest"];
    expect((await context.client.delete(`/v2/${repository}/manifests/${deleted}`)).status).toBe(202);
    expect((await list(context, repository)).manifests.map(({ digest }) => digest)).toEqual([kept]);
  });

  it("are listed in their own repository only", async () => {
    const { refer } = await arrange();
    await refer({});
    expect((await list(context, context.newRepository())).manifests).toEqual([]);
  });

  it.each([
    ["text/a", ["text/a"]],
    ["text%2Fb%2Bc", ["text/b+c"]],
    ["text/b+c", ["text/b+c"]],
    [encodeURIComponent(CONFIG), [CONFIG]],
    ["text/none", []],
    ["text", []],
  ])("can be filtered by the artifact type %s", async (artifactType, expected) => {
    const { repository, refer, push } = await arrange();
    for (const type of ["text/a", "text/b+c", undefined]) await refer({ artifactType: type });
    await push(indexManifest([], { subject: SUBJECT }));
    const { manifests, headers } = await list(context, repository, `?artifactType=${artifactType}`);
    expect(headers["oci-filters-applied"]).toBe("artifactType");
    const types = (manifests as { artifactType?: string }[]).map((manifest) => manifest.artifactType);
    expect(types).toEqual(expected);
  });

  it("are not filtered by an empty artifact type", async () => {
    const { repository, refer } = await arrange();
    for (const type of ["text/a", "text/b"]) await refer({ artifactType: type });
    const { manifests, headers } = await list(context, repository, "?artifactType=");
    expect([manifests.length, headers["oci-filters-applied"]]).toEqual([2, undefined]);
  });

  it("are listed exactly once across all pages, filtered or not", async () => {
    const { repository, refer } = await arrange();
    const count = 120;
    for (let index = 0; index < count; index++) {
      await refer({
        artifactType: index % 3 === 0 ? "text/third+json" : "text/other",
        annotations: { index: `${index}` },
      });
    }
    for (const [query, expected] of [
      ["", count],
      ["?artifactType=text/third+json", count / 3],
    ] as const) {
      const digests: string[] = [];
      for (let next: string | undefined = query; next !== undefined; ) {
        const { manifests, headers } = await list(context, repository, next);
        expect(headers["oci-filters-applied"]).toBe(query === "" ? undefined : "artifactType");
        digests.push(...manifests.map(({ digest }) => digest));
        const link: string | undefined = headers["link"] as string | undefined;
        next = link === undefined ? undefined : /^<[^?>]+(\?[^>]+)>; rel="next"$/.exec(link)?.[1];
        expect(link === undefined || next !== undefined).toBe(true);
      }
      expect([digests.length, new Set(digests).size]).toEqual([expected, expected]);
    }
  });

  it.each(["latest", "sha256:abc", "md5:d41d8cd98f00b204e9800998ecf8427e", "sha256:"])(
    "are rejected with 400 for %s, an invalid digest",
    async (text) => {
      const response = await context.client.get(`/v2/${context.newRepository()}/referrers/${text}`);
      expect(failureOf(response)).toEqual([400, "DIGEST_INVALID"]);
    },
  );

  it("are an empty list for an unknown digest in a known repository", async () => {
    const { repository, refer } = await arrange();
    await refer({});
    expect((await list(context, repository, "", { ...SUBJECT, digest: UNKNOWN_DIGEST })).manifests).toEqual(
      [],
    );
  });
});
