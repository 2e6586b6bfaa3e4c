import { describe, expect, it } from "vitest";
import { digestOf, IMAGE_MANIFEST_MEDIA_TYPE, imageManifest, indexManifest } from "../content.ts";
import { type Image, pushImage, putManifest } from "../push.ts";
import { failureOf } from "../responses.ts";
import { forEachBackend } from "../test-context.ts";

forEachBackend("a delete", (context) => {
  async function arrange(...tags: string[]) {
    const repository = context.newRepository();
    const image = await pushImage(context.client, repository, "removal");
    for (const tag of tags) await putManifest(context.client, repository, tag, image.manifest);
    const remove = async (what: string) => await context.client.delete(`/v2/${repository}/${what}`);
    const statusOf = async (what: string) => (await context.client.head(`/v2/${repository}/${what}`)).status;
    return { repository, image, remove, statusOf };
  }

  it("of a tag deletes that tag only", async () => {
    const { repository, image, remove, statusOf } = await arrange("a", "b");
    const { status, body } = await remove("manifests/a");
    expect([status, body.length]).toEqual([202, 0]);
    expect(await statusOf("manifests/a")).toBe(404);
    expect([await statusOf("manifests/b"), await statusOf(`manifests/${image.digest}`)]).toEqual([200, 200]);
    const list = await context.client.get(`/v2/${repository}/tags/list`);
    expect(JSON.parse(list.body.toString()).tags).toEqual(["b"]);
    expect(failureOf(await remove("manifests/a"))).toEqual([404, "MANIFEST_UNKNOWN"]);
  });

  it("of the last tag leaves an empty list", async () => {
    const { repository, remove } = await arrange("a");
    await remove("manifests/a");
    const list = await context.client.get(`/v2/${repository}/tags/list`);
    expect([list.status, JSON.parse(list.body.toString()).tags]).toEqual([200, []]);
  });

  it("of a manifest deletes the tags that point to it, and no others", async () => {
    const { repository, image, remove, statusOf } = await arrange("a", "b", "c");
    await pushImage(context.client, repository, "other", "c");
    const { status, body } = await remove(`manifests/${image.digest}`);
    expect([status, body.length]).toEqual([202, 0]);
    for (const reference of ["a", "b", image.digest])
      expect(await statusOf(`manifests/${reference}`)).toBe(404);
    expect(await statusOf("manifests/c")).toBe(200);
    expect(failureOf(await remove(`manifests/${image.digest}`))).toEqual([404, "MANIFEST_UNKNOWN"]);
  });

  it("of a manifest with 150 tags deletes all 150", async () => {
    const { repository, image, remove } = await arrange();
    const tags = Array.from({ length: 150 }, (_, index) => `t${index}`);
    for (const half of [tags.slice(0, 75), tags.slice(75)]) {
      const query = half.map((tag) => `tag=${tag}`).join("&");
      await putManifest(context.client, repository, `${image.digest}?${query}`, image.manifest);
    }
    expect((await remove(`manifests/${image.digest}`)).status).toBe(202);
    const list = await context.client.get(`/v2/${repository}/tags/list`);
    expect(JSON.parse(list.body.toString()).tags).toEqual([]);
  });

  it("of a manifest can be undone by pushing the manifest again", async () => {
    const { repository, image, remove, statusOf } = await arrange("a");
    await remove(`manifests/${image.digest}`);
    expect((await putManifest(context.client, repository, "a", image.manifest)).status).toBe(201);
    expect(await statusOf(`manifests/${image.digest}`)).toBe(200);
    const layer = await context.client.pull(`/v2/${repository}/blobs/${image.layer.digest}`);
    expect(digestOf(layer.body)).toBe(image.layer.digest);
  });

  it("of a large manifest behaves like the deletion of a small one", async () => {
    const { repository, image, remove, statusOf } = await arrange();
    const annotations = { padding: "x".repeat(100_000) };
    const manifest = imageManifest({ config: image.config, annotations });
    await putManifest(context.client, repository, "large", manifest);
    expect((await remove(`manifests/${digestOf(manifest)}`)).status).toBe(202);
    expect([await statusOf("manifests/large"), await statusOf(`manifests/${digestOf(manifest)}`)]).toEqual([
      404, 404,
    ]);
  });

  it("in one repository does not affect another", async () => {
    const { repository, image, remove } = await arrange("a");
    const other = context.newRepository();
    await pushImage(context.client, other, "removal", "a");
    await remove(`manifests/${image.digest}`);
    await remove(`blobs/${image.layer.digest}`);
    expect(repository).not.toBe(other);
    const layer = await context.client.pull(`/v2/${other}/blobs/${image.layer.digest}`);
    expect(digestOf(layer.body)).toBe(image.layer.digest);
    expect((await context.client.get(`/v2/${other}/manifests/a`)).status).toBe(200);
  });

  /** The spec allows statuses 400 and 405 for a rejected delete, and defines no error code. */
  describe("is rejected", () => {
    const NEEDED: readonly (readonly [string, (image: Image) => string])[] = [
      ["a config", ({ config }) => `blobs/${config.digest}`],
      ["a layer", ({ layer }) => `blobs/${layer.digest}`],
    ];

    it.each(NEEDED)("for %s, while a manifest depends on it", async (_name, path) => {
      const { image, remove, statusOf } = await arrange("a");
      const rejected = await remove(path(image));
      expect([...failureOf(rejected), rejected.headers.allow]).toEqual([405, "DENIED", "GET, HEAD"]);
      expect(await statusOf(path(image))).toBe(200);
      await remove("manifests/a");
      expect((await remove(path(image))).status).toBe(405);
      expect((await remove(`manifests/${image.digest}`)).status).toBe(202);
      expect((await remove(path(image))).status).toBe(202);
      expect(await statusOf(path(image))).toBe(404);
    });

    it("for a layer, while one of two manifests still depends on it", async () => {
      const { repository, image, remove } = await arrange("a");
      const second = imageManifest({
        config: image.config,
        layers: [image.layer],
        annotations: { second: "" },
      });
      await putManifest(context.client, repository, "b", second);
      expect((await remove(`manifests/${image.digest}`)).status).toBe(202);
      expect((await remove(`blobs/${image.layer.digest}`)).status).toBe(405);
      expect((await remove(`manifests/${digestOf(second)}`)).status).toBe(202);
      expect((await remove(`blobs/${image.layer.digest}`)).status).toBe(202);
    });

    it("for an image, while an index lists it", async () => {
      const { repository, image, remove, statusOf } = await arrange();
      const child = {
        mediaType: IMAGE_MANIFEST_MEDIA_TYPE,
        digest: image.digest,
        size: image.manifest.length,
      };
      const index = indexManifest([child]);
      await putManifest(context.client, repository, "index", index);
      const rejected = await remove(`manifests/${image.digest}`);
      expect([...failureOf(rejected), rejected.headers.allow]).toEqual([405, "DENIED", "GET, HEAD, PUT"]);
      expect(await statusOf(`manifests/${image.digest}`)).toBe(200);
      expect((await remove(`manifests/${digestOf(index)}`)).status).toBe(202);
      expect((await remove(`manifests/${image.digest}`)).status).toBe(202);
    });
  });
});
