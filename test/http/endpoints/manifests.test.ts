import { describe, expect, it } from "vitest";
import {
  type Described,
  digestOf,
  IMAGE_MANIFEST_MEDIA_TYPE,
  imageManifest,
  UNKNOWN_DIGEST,
} from "../content.ts";
import { ABSENT, json, MANIFEST_KINDS } from "../manifest-kinds.ts";
import { pushBlobsOf, pushImage, putManifest } from "../push.ts";
import { codesOf, failureOf, locationOf } from "../responses.ts";
import { forEachBackend, type TestContext } from "../test-context.ts";

const MAX_SIZE = 4 * 1024 * 1024;

/** Types of layers that clients fetch from elsewhere: image-spec layer.md#non-distributable-layers */
const NONDISTRIBUTABLE_TYPES = [
  "application/vnd.oci.image.layer.nondistributable.v1.tar",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
  "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
  "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
];

function padded(size: number, config: Described): Buffer {
  const bare = imageManifest({ config, annotations: { padding: "" } });
  return imageManifest({ config, annotations: { padding: "x".repeat(size - bare.length) } });
}

async function arrange(context: TestContext, seed = "manifests") {
  const repository = context.newRepository();
  return { repository, image: await pushBlobsOf(context.client, repository, seed) };
}

forEachBackend("manifests", (context) => {
  it.each(MANIFEST_KINDS)("%s is stored unchanged under a tag and under its digests", async (_name, sort) => {
    const { repository, image } = await arrange(context);
    const manifest = sort(image);
    const { mediaType } = JSON.parse(manifest.toString());
    const [sha256, sha512] = [digestOf(manifest), digestOf(manifest, "sha512")];
    for (const [reference, digest] of [
      ["v1.0_A-b", sha256],
      [sha256, sha256],
      [sha512, sha512],
    ] as const) {
      const response = await putManifest(context.client, repository, reference, manifest);
      expect(response.status).toBe(201);
      expect(locationOf(response)).toBe(`/v2/${repository}/manifests/${digest}`);
      expect(response.headers).toMatchObject({ "docker-content-digest": digest, "content-length": "0" });
      const path = `/v2/${repository}/manifests/${reference}`;
      const [got, head] = [await context.client.get(path), await context.client.head(path)];
      expect([got.status, head.status, head.body.length]).toEqual([200, 200, 0]);
      expect(got.body.equals(manifest)).toBe(true);
      for (const { headers } of [got, head]) {
        expect(headers).toMatchObject({
          "content-type": mediaType,
          "content-length": String(manifest.length),
          "docker-content-digest": digest,
          "docker-distribution-api-version": "registry/2.0",
        });
      }
    }
  });

  it("are served with the media type of the last push, regardless of Accept", async () => {
    const { repository, image } = await arrange(context);
    const subject = { mediaType: IMAGE_MANIFEST_MEDIA_TYPE, digest: UNKNOWN_DIGEST, size: 1 };
    const body = json({ config: image.config, layers: [], subject });
    const path = `/v2/${repository}/manifests/${digestOf(body)}`;
    for (const type of ["application/vnd.docker.distribution.manifest.v2+json", IMAGE_MANIFEST_MEDIA_TYPE]) {
      expect((await context.client.put(path, { body, headers: { "content-type": type } })).status).toBe(201);
      expect((await context.client.head(path)).headers["content-type"]).toBe(type);
    }
    const { body: referrers } = await context.client.get(`/v2/${repository}/referrers/${UNKNOWN_DIGEST}`);
    expect(JSON.parse(referrers.toString()).manifests).toMatchObject([
      { mediaType: IMAGE_MANIFEST_MEDIA_TYPE },
    ]);
  });

  it.each(NONDISTRIBUTABLE_TYPES)("are accepted without a stored layer of type %s", async (mediaType) => {
    const { repository, image } = await arrange(context);
    const manifest = imageManifest({ config: image.config, layers: [{ ...ABSENT, mediaType }] });
    expect((await putManifest(context.client, repository, "latest", manifest)).status).toBe(201);
  });

  it.each([
    ["with parameters", IMAGE_MANIFEST_MEDIA_TYPE, `${IMAGE_MANIFEST_MEDIA_TYPE}; charset=utf-8`],
    ["in upper case", IMAGE_MANIFEST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE.toUpperCase()],
    ["stated only in the header", undefined, IMAGE_MANIFEST_MEDIA_TYPE],
    ["stated only in the manifest", IMAGE_MANIFEST_MEDIA_TYPE, undefined],
  ])("with a media type %s are served with the bare media type", async (_name, mediaType, contentType) => {
    const { repository, image } = await arrange(context);
    const path = `/v2/${repository}/manifests/latest`;
    const body = json({ mediaType, config: image.config, layers: [] });
    const headers = contentType === undefined ? {} : { "content-type": contentType };
    expect((await context.client.put(path, { body, headers })).status).toBe(201);
    expect((await context.client.head(path)).headers["content-type"]).toBe(IMAGE_MANIFEST_MEDIA_TYPE);
  });

  it("can be pushed with chunked transfer encoding", async () => {
    const { repository, image } = await arrange(context);
    const path = `/v2/${repository}/manifests/latest`;
    const chunks = [image.manifest.subarray(0, 9), image.manifest.subarray(9)];
    expect(
      (await context.client.put(path, { chunks, headers: { "content-type": IMAGE_MANIFEST_MEDIA_TYPE } }))
        .status,
    ).toBe(201);
    expect((await context.client.get(path)).body.equals(image.manifest)).toBe(true);
  });

  it("are served by a percent-encoded digest", async () => {
    const { repository, image } = await arrange(context);
    await putManifest(context.client, repository, image.digest, image.manifest);
    const path = `/v2/${repository}/manifests/${encodeURIComponent(image.digest)}`;
    expect((await context.client.get(path)).body.equals(image.manifest)).toBe(true);
  });

  it("move a tag when pushed to it, and the previous manifest remains available by digest", async () => {
    const { repository } = await arrange(context);
    const first = await pushImage(context.client, repository, "first", "latest");
    const second = await pushImage(context.client, repository, "second", "latest");
    const latest = await context.client.get(`/v2/${repository}/manifests/latest`);
    expect(latest.headers["docker-content-digest"]).toBe(second.digest);
    expect((await context.client.get(`/v2/${repository}/manifests/${first.digest}`)).status).toBe(200);
  });

  it("can be pushed repeatedly without further effect", async () => {
    const { repository, image } = await arrange(context);
    for (const reference of ["a", "a", "b", image.digest]) {
      expect((await putManifest(context.client, repository, reference, image.manifest)).status).toBe(201);
    }
    const list = await context.client.get(`/v2/${repository}/tags/list`);
    expect(JSON.parse(list.body.toString())).toEqual({ name: repository, tags: ["a", "b"] });
  });

  describe("by size:", () => {
    it.each([
      ["3.9 MB", 3_900_000],
      ["64 KiB", 64 * 1024],
      ["one byte more than 64 KiB", 64 * 1024 + 1],
      ["4 MiB, the maximum", MAX_SIZE],
    ])("manifests of %s are stored", async (_name, size) => {
      const { repository, image } = await arrange(context);
      const manifest = padded(size, image.config);
      expect(manifest.length).toBe(size);
      expect((await putManifest(context.client, repository, "large", manifest)).status).toBe(201);
      for (const reference of ["large", digestOf(manifest)]) {
        const response = await context.client.get(`/v2/${repository}/manifests/${reference}`);
        expect(response.headers["content-length"]).toBe(String(size));
        expect(response.body.equals(manifest)).toBe(true);
      }
    });

    it.each([
      ["one byte more than 4 MiB", MAX_SIZE + 1],
      ["16 MiB", 4 * MAX_SIZE],
    ])("manifests of %s are rejected, with and without Content-Length", async (_name, size) => {
      const { repository, image } = await arrange(context);
      const body = padded(size, image.config);
      const path = `/v2/${repository}/manifests/large`;
      const headers = { "content-type": IMAGE_MANIFEST_MEDIA_TYPE };
      for (const content of [{ body }, { chunks: [body.subarray(0, size / 2), body.subarray(size / 2)] }]) {
        expect(failureOf(await context.client.put(path, { ...content, headers }))).toEqual([
          413,
          "MANIFEST_INVALID",
        ]);
      }
      expect((await context.client.get(path)).status).toBe(404);
    });
  });

  describe("when absent", () => {
    it.each(["GET", "HEAD", "DELETE"])("return 404 to %s", async (method) => {
      const { repository } = await arrange(context);
      await pushImage(context.client, repository, "known", "latest");
      for (const reference of [
        "other",
        UNKNOWN_DIGEST,
        `sha512:${"0".repeat(128)}`,
        ".not-a-tag",
        "a".repeat(129),
      ]) {
        const response = await context.client.send(method, `/v2/${repository}/manifests/${reference}`);
        expect(response.status).toBe(404);
        if (method !== "HEAD") expect(codesOf(response)).toEqual(["MANIFEST_UNKNOWN"]);
      }
    });

    it("return 404 even when another repository has them", async () => {
      const { digest } = await pushImage(context.client, context.newRepository(), "elsewhere", "latest");
      const response = await context.client.get(`/v2/${context.newRepository()}/manifests/${digest}`);
      expect(failureOf(response)).toEqual([404, "MANIFEST_UNKNOWN"]);
    });
  });

  it("with missing blobs are rejected with one error per blob", async () => {
    const { repository, image } = await arrange(context);
    const missing = ["1", "2", "3"].map((digit) => ({ ...ABSENT, digest: `sha256:${digit.repeat(64)}` }));
    const layers = [image.layer, ...missing, ...missing];
    const response = await putManifest(
      context.client,
      repository,
      "latest",
      imageManifest({ config: image.config, layers }),
    );
    expect(failureOf(response)).toEqual([404, "MANIFEST_BLOB_UNKNOWN"]);
    const { errors } = JSON.parse(response.body.toString()) as { errors: { detail: { digest: string } }[] };
    expect(errors.map(({ detail }) => detail.digest)).toEqual(missing.map(({ digest }) => digest));
    expect((await context.client.get(`/v2/${repository}/manifests/latest`)).status).toBe(404);
  });

  it("are rejected when only another repository has their blobs", async () => {
    const { image } = await arrange(context, "only elsewhere");
    const response = await putManifest(context.client, context.newRepository(), "latest", image.manifest);
    expect(failureOf(response)).toEqual([404, "MANIFEST_BLOB_UNKNOWN"]);
  });

  it("do not protect their blobs from deletion once rejected", async () => {
    const { repository, image } = await arrange(context);
    const manifest = imageManifest({ config: image.config, layers: [ABSENT] });
    expect((await putManifest(context.client, repository, "latest", manifest)).status).toBe(404);
    expect((await context.client.delete(`/v2/${repository}/blobs/${image.config.digest}`)).status).toBe(202);
  });

  describe("with tag parameters", () => {
    const push = async (query: string) => {
      const { repository, image } = await arrange(context);
      const response = await putManifest(
        context.client,
        repository,
        `${image.digest}?${query}`,
        image.manifest,
      );
      const list = await context.client.get(`/v2/${repository}/tags/list`);
      return { response, image, tags: JSON.parse(list.body.toString()).tags };
    };

    it.each([1, 2, 10, 15])("are tagged with all %d tags, which OCI-Tag lists", async (count) => {
      const tags = Array.from({ length: count }, (_, index) => `v${index}`);
      const pushed = await push(tags.map((tag) => `tag=${tag}`).join("&"));
      expect(pushed.response.status).toBe(201);
      expect(pushed.response.headers["oci-tag"]).toBe(tags.join(", "));
      expect(pushed.tags).toEqual([...tags].sort());
    });

    it("list a repeated tag once in OCI-Tag", async () => {
      const { response, tags } = await push("tag=a&tag=b&tag=a");
      expect([response.headers["oci-tag"], tags]).toEqual(["a, b", ["a", "b"]]);
    });

    it("are rejected when there are too many tags", async () => {
      const { response } = await push(Array.from({ length: 16 }, (_, index) => `tag=${index}`).join("&"));
      expect(failureOf(response)).toEqual([414, "MANIFEST_INVALID"]);
      expect(response.body.toString()).toContain("push at most 15 in one request");
    });

    it("are not tagged at all when one tag is malformed", async () => {
      const { repository, image } = await arrange(context);
      const response = await putManifest(
        context.client,
        repository,
        `${image.digest}?tag=a&tag=.b`,
        image.manifest,
      );
      expect(failureOf(response)).toEqual([400, "MANIFEST_INVALID"]);
      expect((await context.client.get(`/v2/${repository}/manifests/a`)).status).toBe(404);
    });
  });

  it("pushed by tag may carry a digest, which selects the algorithm and is verified", async () => {
    const { repository, image } = await arrange(context);
    const digest = digestOf(image.manifest, "sha512");
    const response = await putManifest(context.client, repository, `latest?digest=${digest}`, image.manifest);
    expect([response.status, response.headers["docker-content-digest"]]).toEqual([201, digest]);
    expect((await context.client.get(`/v2/${repository}/manifests/${digest}`)).status).toBe(200);
    const wrong = await putManifest(
      context.client,
      repository,
      `other?digest=${UNKNOWN_DIGEST}`,
      image.manifest,
    );
    expect(failureOf(wrong)).toEqual([400, "DIGEST_INVALID"]);
    expect((await context.client.get(`/v2/${repository}/manifests/other`)).status).toBe(404);
  });
});
