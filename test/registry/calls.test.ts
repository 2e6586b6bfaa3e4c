import { beforeEach, describe, expect, it } from "vitest";
import { parseReference } from "../../lib/oci/reference.ts";
import { getBlob, mountBlob, putBlob, statBlob } from "../../lib/registry/blobs.ts";
import { getManifest } from "../../lib/registry/manifests/get.ts";
import { listReferrers } from "../../lib/registry/manifests/referrers.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { listTags } from "../../lib/registry/tags.ts";
import { blob, bodyOf, type Content, collect, image } from "../support/content.ts";
import { callsOf, type MemoryRegistry } from "../support/memory.ts";
import { createImageRepository, type PushOptions, Repository, tagsNamed } from "../support/repository.ts";

const CONFIG = blob("config");
const SMALL = image({ config: CONFIG });
const LARGE = image({ config: CONFIG, extra: { padding: "x".repeat(70_000) } });

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  ({ memory, repository } = await createImageRepository(CONFIG));
  await repository.push(SMALL, { tags: ["small"] });
  await repository.push(LARGE, { tags: ["large"] });
});

async function calls(work: (registry: RegistryContext) => Promise<unknown>): Promise<readonly string[]> {
  return (await callsOf(memory.registry, work)).map(({ store, method }) => `${store}.${method}`);
}

function pull(reference: string): (registry: RegistryContext) => Promise<unknown> {
  return async (registry) =>
    await (await getManifest(registry, repository.name, parseReference(reference))).load();
}

describe("the number of calls to storage", () => {
  it.each<[string, string, readonly string[]]>([
    ["a small manifest by tag", "small", ["records.get"]],
    ["a small manifest by digest", SMALL.digest, ["records.get"]],
    ["a large manifest by tag", "large", ["records.get", "blobs.get"]],
    ["a large manifest by digest", LARGE.digest, ["records.get", "blobs.get"]],
  ])("%s (%#)", async (_, reference, expected) => {
    expect(await calls(pull(reference))).toEqual(expected);
  });

  it("HEAD of a manifest, small or large: one read", async () => {
    for (const reference of ["small", "large", LARGE.digest]) {
      const head = (registry: RegistryContext) =>
        getManifest(registry, repository.name, parseReference(reference));
      expect(await calls(head)).toEqual(["records.get"]);
    }
  });

  it("HEAD of a blob: one read", async () => {
    expect(await calls((registry) => statBlob(registry, repository.name, CONFIG.digest))).toEqual([
      "records.get",
    ]);
  });

  it("GET of a blob: one read of records and one of the blob store", async () => {
    const get = async (registry: RegistryContext) => {
      await statBlob(registry, repository.name, CONFIG.digest);
      await collect(await getBlob(registry, CONFIG.digest, { size: CONFIG.bytes.length }));
    };
    expect(await calls(get)).toEqual(["records.get", "blobs.get"]);
  });

  it("missing content: one read", async () => {
    const digest = blob("nowhere").digest;
    const head = (registry: RegistryContext) =>
      statBlob(registry, repository.name, digest).catch(() => undefined);
    expect(await calls(head)).toEqual(["records.get"]);
    expect(await calls((registry) => pull(digest)(registry).catch(() => undefined))).toEqual(["records.get"]);
  });

  it("a blob pushed in one request: one write to the blob store and one of records", async () => {
    const { digest, bytes } = blob("new");
    const put = (registry: RegistryContext) => putBlob(registry, repository.name, digest, bodyOf(bytes));
    expect(await calls(put)).toEqual(["blobs.put", "records.write"]);
  });

  it("a mount: no call to the blob store", async () => {
    const other = new Repository(memory.registry, "other");
    const mount = (registry: RegistryContext) =>
      mountBlob(registry, other.name, CONFIG.digest, repository.name);
    expect(await calls(mount)).toEqual(["records.get", "records.write"]);
  });

  it("a tag list or referrers list: one query", async () => {
    const tags = (registry: RegistryContext) =>
      listTags(registry, repository.name, { limit: 100, last: undefined });
    expect(await calls(tags)).toEqual(["records.queryKeys"]);
    await repository.push(image({ config: CONFIG, subject: SMALL, extra: { annotations: { a: "b" } } }));
    const options = { artifactType: undefined, after: undefined };
    const referrers = (registry: RegistryContext) =>
      listReferrers(registry, repository.name, SMALL.digest, options);
    expect(await calls(referrers)).toEqual(["records.query"]);
  });

  it.each([1, 99, 100, 101, 250])(
    "a push of a manifest with %d new blobs: batches, not single calls",
    async (count) => {
      const layers = Array.from({ length: count - 1 }, (_, number) => blob(`layer ${number}`));
      await repository.upload(...layers);
      const content = image({ config: CONFIG, layers, extra: { count } });
      const found = await calls((registry) => pushed(registry, content));
      const batches = Math.ceil(count / 100);
      // Each blob is checked twice, and the tags are read at once.
      expect(found.filter((call) => call === "records.getMany").length).toBe(2 * batches + 1);
      // One record represents all dependencies, and is written with the first of them.
      const writes = Math.ceil((count + 1) / 100) + 1;
      expect(found.filter((call) => call === "records.write")).toHaveLength(writes);
      expect(found.filter((call) => call === "records.get").length).toBeLessThanOrEqual(3);
      expect(found.at(-1)).toBe("records.write");
    },
  );

  it("another tag for an existing manifest: one read of the tag, one of the manifest, and one write", async () => {
    const found = await calls((registry) => pushed(registry, SMALL));
    expect(found).toEqual(["records.get", "records.getMany", "records.write"]);
  });

  it.each<[string, PushOptions]>([
    ["without a precondition", {}],
    ["with one", { precondition: [SMALL.digest] }],
  ])("a push of fifteen tags %s: one batch read of the tags", async (_, options) => {
    const tags = tagsNamed("t", 15);
    await repository.push(SMALL, { tags });
    const push = (registry: RegistryContext) =>
      new Repository(registry, repository.name).push(SMALL, { ...options, tags });
    expect(await calls(push)).toEqual(["records.get", "records.getMany", "records.write"]);
  });

  it("DELETE of a tag: one read and one write", async () => {
    const remove = (registry: RegistryContext) => new Repository(registry, repository.name).remove("small");
    expect(await calls(remove)).toEqual(["records.get", "records.write"]);
  });

  async function pushed(registry: RegistryContext, content: Content): Promise<void> {
    await new Repository(registry, repository.name).push(content, { tags: ["tag"] });
  }
});
