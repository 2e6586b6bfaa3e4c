import { beforeEach, describe, expect, it } from "vitest";
import { parseTag } from "../../lib/oci/reference.ts";
import { digestOf } from "../../lib/registry/manifests/tag-summary.ts";
import { type TagSummaryRecord, tagSummaryKey } from "../../lib/registry/records.ts";
import { blob, type Content, descriptor, image, index } from "../support/content.ts";
import { createMemoryRegistry, type MemoryRegistry } from "../support/memory.ts";
import { Repository } from "../support/repository.ts";

const CONFIG = { ...blob("config"), mediaType: "application/vnd.oci.image.config.v1+json" };
const DOCKER_CONFIG = { ...blob("config"), mediaType: "application/vnd.docker.container.image.v1+json" };
const LAYER = blob("layer");
const IMAGE = image({ config: CONFIG, layers: [LAYER] });

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  memory = createMemoryRegistry();
  repository = new Repository(memory.registry, "library/image");
  await repository.upload(CONFIG, LAYER);
});

async function summaryOf(content: Content): Promise<TagSummaryRecord> {
  await repository.push(content, { tags: ["tag"], digest: content.digest });
  const record = await memory.records.get(tagSummaryKey(repository.name, parseTag("tag")));
  if (record === undefined) throw new Error("the tag is not listed");
  return record;
}

describe("a tag summary", () => {
  it.each<[string, Content, string]>([
    ["an image", IMAGE, "image"],
    ["an image of Docker's types", image({ config: DOCKER_CONFIG }), "image"],
    ["an index", index([IMAGE]), "index"],
    ["an image with an artifact type", image({ config: CONFIG, extra: { artifactType: "a/b" } }), "artifact"],
    ["an artifact identified by its config", image({ config: LAYER }), "artifact"],
  ])("has the kind of %s", async (_, content, kind) => {
    expect((await summaryOf(content)).kind).toBe(kind);
  });

  it("has the total size of the manifest and its blobs, and the time of the push", async () => {
    const size = IMAGE.bytes.length + CONFIG.bytes.length + LAYER.bytes.length;
    const at = memory.clock.now().getTime() / 1000;
    const { digest: _, id: __, ...rest } = await summaryOf(IMAGE);
    expect(rest).toEqual({ kind: "image", size, at });
  });

  it("limits sizes invented by a client to an integer that a record can store", async () => {
    const huge = descriptor(IMAGE, { size: Number.MAX_SAFE_INTEGER });
    const content = index([], { manifests: [huge, huge] });
    expect((await summaryOf(content)).size).toBe(Number.MAX_SAFE_INTEGER);
  });

  it.each(["sha256", "sha512"] as const)("has the encoded part of the digest, of %s", async (algorithm) => {
    const content = image({ config: CONFIG, algorithm });
    const summary = await summaryOf(content);
    expect(summary.digest).toHaveLength(algorithm === "sha256" ? 32 : 64);
    expect(digestOf(summary)).toBe(content.digest);
  });

  it("has the platforms of an index", async () => {
    const platform = (os: string, architecture: string) =>
      descriptor(IMAGE, { platform: { os, architecture } });
    const manifests = [platform("linux", "arm64"), platform("linux", "amd64"), descriptor(IMAGE)];
    expect([...((await summaryOf(index([], { manifests }))).platforms ?? [])]).toEqual([1, 2]);
  });
});
