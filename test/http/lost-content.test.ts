import { randomUUID } from "node:crypto";
import { readdir, rename, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../../lib/http/app.ts";
import { createNodeServer } from "../../lib/http/server/node.ts";
import { type DiskStorage, openDisk } from "../../lib/storage/disk/open.ts";
import { type ListeningServer, listen } from "../../local-cloud/support/listen.ts";
import { Client } from "../support/client.ts";
import { newFolder } from "../support/folder.ts";
import { descriptorOf, digestOf, imageManifest, LAYER } from "./content.ts";
import { type Image, pushBlob, pushBlobsOf, pushImage, putManifest } from "./push.ts";

let folder: Awaited<ReturnType<typeof newFolder>>;
let disk: DiskStorage;
let server: ListeningServer;
let client: Client;
let defects: unknown[];

beforeEach(async () => {
  folder = await newFolder();
  disk = await openDisk(folder.path);
  defects = [];
  const registry = { ...disk, now: () => new Date(), newId: randomUUID };
  server = await listen(createNodeServer(createApp(registry, { onDefect: (error) => defects.push(error) })));
  client = new Client(server.url);
});
afterEach(async () => {
  client.close();
  await server.stop();
  await disk.close();
  await folder.remove();
  expect(defects).toEqual([]);
});

const pathOf = (digest: string) => join(folder.path, "blobs", ...digest.split(":"));
const statusOf = async (method: "get" | "head", path: string) => (await client[method](path)).status;

/** Ways in which the file of a blob gets lost. */
const LOSSES: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  ["missing", (path) => rm(path)],
  ["truncated", (path) => truncate(path, 10)],
  ["empty", (path) => truncate(path, 0)],
];

describe.each(LOSSES)("a blob whose file is %s", (_, lose) => {
  let image: Image;
  let url: string;
  beforeEach(async () => {
    image = await pushImage(client, "a", "seed", "latest");
    url = `/v2/a/blobs/${image.layer.digest}`;
    await lose(pathOf(image.layer.digest));
  });

  it("is absent to HEAD and mounts after a failed GET, until a client pushes the blob again", async () => {
    expect(await statusOf("head", url)).toBe(200);
    expect(await statusOf("get", url)).toBe(404);
    expect(await statusOf("head", url)).toBe(404);
    for (const from of ["&from=a", ""]) {
      const mounted = await client.post(`/v2/b/blobs/uploads/?mount=${image.layer.digest}${from}`);
      expect(mounted.status).toBe(202);
    }
    const other = imageManifest({ config: image.config, layers: [image.layer], annotations: { a: "b" } });
    expect((await putManifest(client, "a", "other", other)).status).toBe(404);
    await pushBlobsOf(client, "a", "seed");
    expect([await statusOf("head", url), await statusOf("get", url)]).toEqual([200, 200]);
    expect((await putManifest(client, "a", "other", other)).status).toBe(201);
    expect((await client.post(`/v2/b/blobs/uploads/?mount=${image.layer.digest}&from=a`)).status).toBe(201);
  });
});

describe("a lost blob", () => {
  let image: Image;
  beforeEach(async () => {
    image = await pushImage(client, "a", "seed");
    await client.post(`/v2/b/blobs/uploads/?mount=${image.layer.digest}&from=a`);
  });

  it("is absent in all repositories after a GET has failed in one", async () => {
    await rm(pathOf(image.layer.digest));
    expect(await statusOf("get", `/v2/a/blobs/${image.layer.digest}`)).toBe(404);
    expect(await statusOf("head", `/v2/b/blobs/${image.layer.digest}`)).toBe(404);
  });

  it("is present again in all repositories once a GET succeeds, for example after the file was restored", async () => {
    const path = pathOf(image.layer.digest);
    await rename(path, join(folder.path, "backup"));
    expect(await statusOf("get", `/v2/a/blobs/${image.layer.digest}`)).toBe(404);
    await rename(join(folder.path, "backup"), path);
    expect(await statusOf("head", `/v2/b/blobs/${image.layer.digest}`)).toBe(404);
    expect(await statusOf("get", `/v2/a/blobs/${image.layer.digest}`)).toBe(200);
    expect(await statusOf("head", `/v2/b/blobs/${image.layer.digest}`)).toBe(200);
  });
});

/** Pushes an image with a manifest above 32 KiB, which is stored as a file. */
async function pushLarge(
  extra: object = {},
): Promise<{ readonly manifest: Buffer; readonly digest: string }> {
  const { config, layer } = await pushBlobsOf(client, "a", "seed");
  const annotations = { padding: "x".repeat(40_000) };
  const manifest = imageManifest({ config, layers: [layer], annotations, ...extra });
  expect((await putManifest(client, "a", "large", manifest)).status).toBe(201);
  return { manifest, digest: digestOf(manifest) };
}

describe.each(LOSSES)("a large manifest whose file is %s", (_, lose) => {
  it.each(["large", "digest"])("is restored by a push of the same bytes (%s)", async (reference) => {
    const { manifest, digest } = await pushLarge();
    const url = `/v2/a/manifests/${reference === "digest" ? digest : reference}`;
    await lose(pathOf(digest));
    expect(await statusOf("head", url)).toBe(200);
    expect(await statusOf("get", url)).toBe(404);
    expect(await statusOf("head", url)).toBe(404);
    expect((await putManifest(client, "a", "large", manifest)).status).toBe(201);
    const pulled = await client.get(url);
    expect([pulled.status, digestOf(pulled.body)]).toEqual([200, digest]);
    expect(await statusOf("head", url)).toBe(200);
  });

  it("can be deleted by digest", async () => {
    const { digest } = await pushLarge();
    await lose(pathOf(digest));
    expect((await client.delete(`/v2/a/manifests/${digest}`)).status).toBe(202);
    expect(await statusOf("get", "/v2/a/manifests/large")).toBe(404);
    expect(await statusOf("get", `/v2/a/manifests/${digest}`)).toBe(404);
  });

  it("is still listed as a referrer, without its annotations", async () => {
    const subject = await pushImage(client, "a", "subject");
    const { digest } = await pushLarge({ subject: descriptorOf(LAYER, subject.manifest) });
    await lose(pathOf(digest));
    const listed = await client.get(`/v2/a/referrers/${subject.digest}`);
    expect(listed.status).toBe(200);
    expect(JSON.parse(listed.body.toString()).manifests).toMatchObject([{ digest }]);
  });
});

it("a tag is listed again once a GET of its large manifest succeeds", async () => {
  const { digest } = await pushLarge();
  await rename(pathOf(digest), join(folder.path, "backup"));
  expect(await statusOf("get", "/v2/a/manifests/large")).toBe(404);
  expect(await statusOf("head", `/v2/a/manifests/${digest}`)).toBe(404);
  await rename(join(folder.path, "backup"), pathOf(digest));
  expect(await statusOf("get", "/v2/a/manifests/large")).toBe(200);
  expect(await statusOf("head", "/v2/a/manifests/large")).toBe(200);
  expect(await statusOf("head", `/v2/a/manifests/${digest}`)).toBe(200);
});

it("a truncated blob is replaced by a push, even without a preceding GET", async () => {
  const content = Buffer.from("bytes");
  const digest = await pushBlob(client, "a", content);
  await truncate(pathOf(digest), 2);
  await pushBlob(client, "a", content);
  expect(await readdir(join(folder.path, "blobs", "sha256"))).toEqual([digest.split(":")[1]]);
  expect((await client.get(`/v2/a/blobs/${digest}`)).body).toEqual(content);
});
