import { describe, expect, it } from "vitest";
import { CONCURRENT_BACKENDS } from "../support/backends.ts";
import { Client } from "../support/client.ts";
import {
  descriptorOf,
  digestOf,
  IMAGE_MANIFEST_MEDIA_TYPE,
  imageManifest,
  indexManifest,
  sampleBytes,
} from "./content.ts";
import { type Image, pushBlob, pushBlobsOf, pushImage, putManifest, startUpload } from "./push.ts";
import { failureOf, withQuery } from "./responses.ts";
import { forEachBackend, type TestContext } from "./test-context.ts";

const CLIENTS = Array.from({ length: 10 }, (_, index) => index);

/** Runs an action on ten clients concurrently, each with its own connections. */
async function tenAtOnce<T>(
  context: TestContext,
  act: (client: Client, index: number) => Promise<T>,
): Promise<readonly T[]> {
  const clients = CLIENTS.map(() => new Client(context.registry.url));
  try {
    return await Promise.all(clients.map(act));
  } finally {
    for (const client of clients) client.close();
  }
}

const count = (statuses: readonly number[], status: number) =>
  statuses.filter((one) => one === status).length;

forEachBackend(
  "ten concurrent clients",
  (context) => {
    /** Asserts that the tag names one of the manifests, and that it and its blobs are complete. */
    async function expectCompleteImage(
      repository: string,
      tag: string,
      images: readonly Image[],
    ): Promise<Image> {
      const got = await context.client.get(`/v2/${repository}/manifests/${tag}`);
      const image = images.find(({ digest }) => digest === got.headers["docker-content-digest"]);
      if (image === undefined) throw new Error(`${tag} points to a manifest that no client pushed`);
      expect(got.body.equals(image.manifest)).toBe(true);
      expect(
        (await context.client.get(`/v2/${repository}/manifests/${image.digest}`)).body.equals(image.manifest),
      ).toBe(true);
      for (const { digest } of [image.config, image.layer]) {
        expect(digestOf((await context.client.pull(`/v2/${repository}/blobs/${digest}`)).body)).toBe(digest);
      }
      return image;
    }

    it("push the same image under the same tag: all succeed", async () => {
      for (let round = 0; round < 5; round++) {
        const repository = context.newRepository();
        const images = await tenAtOnce(context, (client) =>
          pushImage(client, repository, "the same", "latest"),
        );
        await expectCompleteImage(repository, "latest", images);
      }
    });

    it("push different images under the same tag: all succeed, and the tag points to one complete image", async () => {
      const repository = context.newRepository();
      const images = await tenAtOnce(context, (client, index) =>
        pushImage(client, repository, `${index}`, "latest"),
      );
      await expectCompleteImage(repository, "latest", images);
      for (const { digest } of images) {
        expect((await context.client.head(`/v2/${repository}/manifests/${digest}`)).status).toBe(200);
      }
    });

    it("push the same image under different tags: every tag exists", async () => {
      const repository = context.newRepository();
      await tenAtOnce(context, (client, index) => pushImage(client, repository, "the same", `v${index}`));
      const list = await context.client.get(`/v2/${repository}/tags/list`);
      expect(JSON.parse(list.body.toString()).tags).toEqual(CLIENTS.map((index) => `v${index}`));
    });

    it("push to new repositories: the catalog lists each once", async () => {
      const parent = context.newRepository();
      await tenAtOnce(context, (client, index) =>
        pushImage(client, `${parent}/r${index % 2}`, `${index}`, "latest"),
      );
      const catalog = await context.client.get(`/v2/_catalog?n=2&last=${parent}`);
      expect(JSON.parse(catalog.body.toString()).repositories).toEqual([`${parent}/r0`, `${parent}/r1`]);
    });

    it("attach artifacts to the same subject: all are listed as referrers", async () => {
      const repository = context.newRepository();
      const { digest, manifest } = await pushImage(context.client, repository, "subject", "latest");
      const subject = { mediaType: IMAGE_MANIFEST_MEDIA_TYPE, digest, size: manifest.length };
      await tenAtOnce(context, async (client, index) => {
        const artifact = indexManifest([], { subject, artifactType: `text/${index}` });
        expect((await putManifest(client, repository, digestOf(artifact), artifact)).status).toBe(201);
      });
      const referrers = await context.client.get(`/v2/${repository}/referrers/${digest}`);
      expect(JSON.parse(referrers.body.toString()).manifests).toHaveLength(10);
    });

    it("move the same tag with the same If-Match: one succeeds, nine get 412", async () => {
      const repository = context.newRepository();
      const { digest } = await pushImage(context.client, repository, "first", "latest");
      const next = await Promise.all(
        CLIENTS.map((index) => pushBlobsOf(context.client, repository, `next ${index}`)),
      );
      const responses = await tenAtOnce(context, (client, index) =>
        putManifest(client, repository, "latest", next[index]?.manifest ?? Buffer.alloc(0), {
          "if-match": `"${digest}"`,
        }),
      );
      const statuses = responses.map(({ status }) => status);
      expect([count(statuses, 201), count(statuses, 412)]).toEqual([1, 9]);
      const winner = await expectCompleteImage(repository, "latest", next);
      expect(responses[next.indexOf(winner)]?.status).toBe(201);
    });

    it("create the same tag with If-None-Match: one succeeds, nine get 412", async () => {
      const repository = context.newRepository();
      const images = await Promise.all(
        CLIENTS.map((index) => pushBlobsOf(context.client, repository, `${index}`)),
      );
      const responses = await tenAtOnce(context, (client, index) =>
        putManifest(client, repository, "new", images[index]?.manifest ?? Buffer.alloc(0), {
          "if-none-match": "*",
        }),
      );
      const statuses = responses.map(({ status }) => status);
      expect([count(statuses, 201), count(statuses, 412)]).toEqual([1, 9]);
      await expectCompleteImage(repository, "new", images);
    });

    it("send the same chunk to one upload session: one succeeds, and the upload continues after that chunk", async () => {
      const repository = context.newRepository();
      const [first, second] = [sampleBytes(100_000, "first"), sampleBytes(1000, "second")];
      const session = await startUpload(context.client, repository);
      const responses = await tenAtOnce(context, (client) =>
        client.patch(session, { body: first, headers: { "content-range": `0-${first.length - 1}` } }),
      );
      for (const response of responses) {
        if (response.status !== 202) expect(failureOf(response)).toEqual([416, "BLOB_UPLOAD_INVALID"]);
      }
      expect(
        count(
          responses.map(({ status }) => status),
          202,
        ),
      ).toBe(1);
      const patched = await context.client.patch(session, { body: second });
      expect(patched.headers.range).toBe(`0-${first.length + second.length - 1}`);
      const digest = digestOf(Buffer.concat([first, second]));
      expect((await context.client.put(withQuery(session, `digest=${digest}`))).status).toBe(201);
    });

    it("close the same upload session: all succeed, and the blob is stored", async () => {
      const repository = context.newRepository();
      const content = sampleBytes(100_000, "closed");
      const session = await startUpload(context.client, repository);
      await context.client.patch(session, { body: content });
      const target = withQuery(session, `digest=${digestOf(content)}`);
      const statuses = (await tenAtOnce(context, (client) => client.put(target))).map(({ status }) => status);
      expect(count(statuses, 201)).toBe(10);
      expect(
        (await context.client.pull(`/v2/${repository}/blobs/${digestOf(content)}`)).body.equals(content),
      ).toBe(true);
    });

    describe("of which five push and the others delete", () => {
      it("push and delete the same manifest: it ends up either complete or absent", async () => {
        const repository = context.newRepository();
        const image = await pushBlobsOf(context.client, repository, "contested");
        for (let round = 0; round < 5; round++) {
          const statuses = await tenAtOnce(context, async (client, index) => {
            const path = `/v2/${repository}/manifests/${image.digest}`;
            if (index % 2 === 0)
              return (await putManifest(client, repository, "latest", image.manifest)).status;
            return (await client.delete(path)).status;
          });
          for (const status of statuses) expect([201, 202, 404, 429]).toContain(status);
          const tag = await context.client.head(`/v2/${repository}/manifests/latest`);
          const manifest = await context.client.head(`/v2/${repository}/manifests/${image.digest}`);
          if (tag.status === 200) expect(manifest.status).toBe(200);
        }
      });

      it("push a manifest and delete one of its blobs: an accepted manifest is complete", async () => {
        for (let round = 0; round < 5; round++) {
          const repository = context.newRepository();
          const image = await pushBlobsOf(context.client, repository, "contested");
          const statuses = await tenAtOnce(context, async (client, index) =>
            index % 2 === 0
              ? (await putManifest(client, repository, "latest", image.manifest)).status
              : (await client.delete(`/v2/${repository}/blobs/${image.layer.digest}`)).status,
          );
          for (const status of statuses) expect([201, 202, 404, 405, 429]).toContain(status);
          if ((await context.client.head(`/v2/${repository}/manifests/latest`)).status === 200) {
            await expectCompleteImage(repository, "latest", [image]);
          }
        }
      });

      it("push an index and delete an image that it lists: the index is always accepted", async () => {
        const repository = context.newRepository();
        const image = await pushImage(context.client, repository, "child");
        const index = indexManifest([descriptorOf(IMAGE_MANIFEST_MEDIA_TYPE, image.manifest)]);
        const statuses = await tenAtOnce(context, async (client, position) =>
          position % 2 === 0
            ? (await putManifest(client, repository, "index", index)).status
            : (await client.delete(`/v2/${repository}/manifests/${image.digest}`)).status,
        );
        for (const status of statuses) expect([201, 202, 404, 405, 429]).toContain(status);
        expect((await context.client.get(`/v2/${repository}/manifests/index`)).body.equals(index)).toBe(true);
      });

      it("mount a blob while it is deleted from the source: a mounted blob survives", async () => {
        for (let round = 0; round < 5; round++) {
          const [source, content] = [context.newRepository(), sampleBytes(1000, `mounted ${round}`)];
          const digest = await pushBlob(context.client, source, content);
          const targets = CLIENTS.map(() => context.newRepository());
          const statuses = await tenAtOnce(context, async (client, index) => {
            if (index === 5) return (await client.delete(`/v2/${source}/blobs/${digest}`)).status;
            return (await client.post(`/v2/${targets[index]}/blobs/uploads/?mount=${digest}&from=${source}`))
              .status;
          });
          for (const [index, status] of statuses.entries()) {
            if (status !== 201) continue;
            expect(
              (await context.client.pull(`/v2/${targets[index]}/blobs/${digest}`)).body.equals(content),
            ).toBe(true);
          }
        }
      });
    });

    it("push large manifests: each is stored unchanged", async () => {
      const repository = context.newRepository();
      const { config } = await pushBlobsOf(context.client, repository, "large");
      const manifests = CLIENTS.map((index) =>
        imageManifest({ config, annotations: { padding: `${index}`.repeat(200_000) } }),
      );
      await tenAtOnce(context, (client, index) =>
        putManifest(client, repository, `v${index}`, manifests[index] ?? Buffer.alloc(0)),
      );
      for (const [index, manifest] of manifests.entries()) {
        expect(
          (await context.client.get(`/v2/${repository}/manifests/v${index}`)).body.equals(manifest),
        ).toBe(true);
      }
    });
  },
  CONCURRENT_BACKENDS,
);
