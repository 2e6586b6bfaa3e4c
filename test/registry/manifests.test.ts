import { beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_MAX_DESCRIPTORS } from "../../lib/oci/descriptor-limit.ts";
import { DOCKER_MANIFEST, OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from "../../lib/oci/media-type.ts";
import { MAX_INLINE_BYTES } from "../../lib/registry/manifests/content.ts";
import { MAX_TAGS_PER_PUSH } from "../../lib/registry/manifests/push.ts";
import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import { blob, type Content, digestOf, EMPTY_BLOB, image, index, manifest } from "../support/content.ts";
import { ociError, rejection } from "../support/errors.ts";
import { createMemoryRegistry } from "../support/memory.ts";
import { Repository, tagsNamed } from "../support/repository.ts";

const CONFIG = blob("config");
const LAYER = blob("layer");
const IMAGE = image({ config: CONFIG, layers: [LAYER] });

let repository: Repository;
let other: Repository;

let registry: RegistryContext;

beforeEach(async () => {
  registry = createMemoryRegistry().registry;
  repository = new Repository(registry, "library/image");
  other = new Repository(registry, "library/other");
  await repository.upload(CONFIG, LAYER);
});

describe("a pushed manifest", () => {
  it("can be pulled by tag and by digest, byte for byte", async () => {
    expect(await repository.push(IMAGE, { tags: ["latest"] })).toEqual({ digest: IMAGE.digest });
    expect(await repository.pull("latest")).toEqual(IMAGE);
    expect(await repository.pull(IMAGE.digest)).toEqual(IMAGE);
  });

  it("can be pulled only by digest when it has no tag", async () => {
    await repository.push(IMAGE);
    expect(await repository.pull(IMAGE.digest)).toEqual(IMAGE);
    await expect(repository.pull("latest")).rejects.toThrow(ociError("MANIFEST_UNKNOWN", 404));
  });

  it("keeps white space and unknown properties", async () => {
    const json = JSON.parse(Buffer.from(IMAGE.bytes).toString());
    const bytes = Buffer.from(`\n ${JSON.stringify({ ...json, custom: { a: [1] } }, undefined, 3)}\n`);
    const odd = { bytes, digest: digestOf(bytes), mediaType: OCI_IMAGE_MANIFEST };
    await repository.push(odd, { tags: ["odd"] });
    expect(Buffer.from((await repository.pull("odd")).bytes)).toEqual(bytes);
  });

  it.each([MAX_INLINE_BYTES - 1, MAX_INLINE_BYTES, MAX_INLINE_BYTES + 1, 4 * 1024 * 1024])(
    "can be pulled when it has %d bytes",
    async (size) => {
      const large = padded(size);
      await repository.push(large, { tags: ["large"] });
      for (const reference of ["large", large.digest]) {
        expect(Buffer.from((await repository.pull(reference)).bytes).equals(large.bytes)).toBe(true);
      }
    },
  );

  it("has the digest that the client specifies, with either algorithm", async () => {
    const strong = image({ config: CONFIG, layers: [LAYER], algorithm: "sha512" });
    expect((await repository.push(strong, { digest: strong.digest, tags: ["a"] })).digest).toBe(
      strong.digest,
    );
    expect(await repository.digestOf("a")).toBe(strong.digest);
    await expect(repository.pull(IMAGE.digest)).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
  });

  it("is unknown in other repositories", async () => {
    await repository.push(IMAGE, { tags: ["latest"] });
    for (const reference of ["latest", IMAGE.digest]) {
      await expect(other.pull(reference)).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
    }
  });

  it("can be pushed again, and by concurrent clients", async () => {
    await repository.push(IMAGE, { tags: ["a"] });
    await repository.push(IMAGE, { tags: ["b"] });
    const tags = tagsNamed("c", 10);
    await Promise.all(tags.map((tag) => repository.push(IMAGE, { tags: [tag] })));
    for (const tag of ["a", "b", ...tags]) expect(await repository.digestOf(tag)).toBe(IMAGE.digest);
  });

  it("can be pushed for the first time by concurrent clients", async () => {
    const tags = tagsNamed("c", 10);
    await Promise.all(tags.map((tag) => repository.push(IMAGE, { tags: [tag, "latest"] })));
    for (const tag of ["latest", ...tags]) expect(await repository.digestOf(tag)).toBe(IMAGE.digest);
  });

  it("may list a blob more than once", async () => {
    const twice = image({ config: LAYER, layers: [LAYER, LAYER] });
    await repository.push(twice, { tags: ["twice"] });
    expect(await repository.pull("twice")).toEqual(twice);
  });

  it("may depend on more blobs than fit in one batch", async () => {
    const layers = Array.from({ length: 250 }, (_, number) => blob(`layer ${number}`));
    const wide = image({ config: CONFIG, layers });
    const error = await rejection(repository.push(wide));
    expect(error.items()).toHaveLength(250);
    await repository.upload(...layers);
    await repository.push(wide, { tags: ["wide"] });
    expect(await repository.digestOf("wide")).toBe(wide.digest);
  });

  it("can be a Docker image", async () => {
    const docker = {
      ...image({ config: CONFIG, extra: { mediaType: DOCKER_MANIFEST } }),
      mediaType: DOCKER_MANIFEST,
    };
    await repository.push(docker, { tags: ["docker"] });
    expect((await repository.pull("docker")).mediaType).toBe(DOCKER_MANIFEST);
  });
});

describe("a manifest with missing content", () => {
  it("is rejected with one error for each missing blob", async () => {
    const missing = [blob("x"), blob("y")];
    const broken = image({ config: CONFIG, layers: [...missing, LAYER, ...missing] });
    const error = await rejection(repository.push(broken, { tags: ["broken"] }));
    expect(error).toMatchObject({ code: "MANIFEST_BLOB_UNKNOWN", status: 404 });
    expect(error.items().map(({ detail }) => detail)).toEqual(missing.map(({ digest }) => ({ digest })));
    for (const reference of ["broken", broken.digest]) {
      await expect(repository.pull(reference)).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
    }
  });

  it("is rejected when its blobs are only in another repository", async () => {
    await expect(other.push(IMAGE)).rejects.toThrow(ociError("MANIFEST_BLOB_UNKNOWN"));
  });

  it("is accepted when a nondistributable layer is missing", async () => {
    const mediaType = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    await repository.push(image({ config: CONFIG, layers: [{ ...blob("elsewhere"), mediaType }] }));
  });

  it("is accepted when a child of an index is missing", async () => {
    const sparse = index([IMAGE, image({ config: EMPTY_BLOB })]);
    await repository.push(sparse, { tags: ["sparse"] });
    expect((await repository.pull("sparse")).mediaType).toBe(OCI_IMAGE_INDEX);
  });

  it("is accepted when its subject is missing, and the result names the subject", async () => {
    const attached = image({ config: CONFIG, subject: IMAGE });
    expect(await repository.push(attached)).toEqual({ digest: attached.digest, subject: IMAGE.digest });
  });
});

describe("a push", () => {
  it("is rejected when the bytes do not match the digest that the client specifies", async () => {
    const error = await rejection(repository.push(IMAGE, { digest: digestOf(LAYER.bytes), tags: ["a"] }));
    expect(error).toMatchObject({ code: "DIGEST_INVALID", status: 400 });
    await expect(repository.pull("a")).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
  });

  it("is rejected when the bytes are not a valid manifest", async () => {
    await expect(repository.push(manifest({}, OCI_IMAGE_MANIFEST))).rejects.toThrow(
      ociError("MANIFEST_INVALID"),
    );
  });

  it.each<[string, (count: number) => Content]>([
    ["an image", (count) => image({ layers: numbered(count - 1) })],
    ["an index", (count) => index(numbered(count))],
  ])("is rejected with an error that names the limit when %s has too many descriptors", async (_, create) => {
    const error = await rejection(repository.push(create(DEFAULT_MAX_DESCRIPTORS + 1)));
    expect(error).toMatchObject({ code: "MANIFEST_INVALID", status: 400 });
    expect(error.message).toContain("2001 descriptors exceed the maximum of 2000");
    const limited = new Repository({ ...registry, maxDescriptors: 2 }, "library/image");
    const tooMany = await rejection(limited.push(create(3)));
    expect(tooMany.message).toContain("3 descriptors exceed the maximum of 2");
  });

  it("is accepted when an index has as many descriptors as the limit allows", async () => {
    const full = index(numbered(DEFAULT_MAX_DESCRIPTORS));
    await repository.push(full, { tags: ["full"] });
    expect(await repository.digestOf("full")).toBe(full.digest);
  });

  it("moves a tag, and keeps the manifest that it pointed to before", async () => {
    const next = image({ config: CONFIG });
    await repository.push(IMAGE, { tags: ["latest"] });
    await repository.push(next, { tags: ["latest"] });
    expect(await repository.digestOf("latest")).toBe(next.digest);
    expect(await repository.pull(IMAGE.digest)).toEqual(IMAGE);
  });

  it("can set as many tags as fit in one write, even for the largest manifest that fits in a record", async () => {
    const tags = tagsNamed("t", MAX_TAGS_PER_PUSH);
    const full = padded(MAX_INLINE_BYTES, {
      subject: { mediaType: OCI_IMAGE_MANIFEST, digest: IMAGE.digest, size: 1 },
    });
    await repository.push(full, { tags });
    for (const tag of tags) expect(await repository.digestOf(tag)).toBe(full.digest);
  });
});

describe("a push with a precondition", () => {
  const next = image({ config: CONFIG });

  it.each<[string, Parameters<Repository["push"]>[1], boolean]>([
    ["the tag is absent, and it is", { tags: ["new"], precondition: "absent" }, true],
    ["the tag is absent, but it is not", { tags: ["old"], precondition: "absent" }, false],
    ["the tag is present, and it is", { tags: ["old"], precondition: "present" }, true],
    ["the tag is present, but it is not", { tags: ["new"], precondition: "present" }, false],
    ["the tag points to the manifest, which it does", { tags: ["old"], precondition: [IMAGE.digest] }, true],
    [
      "the tag names one of several, which it does",
      { tags: ["old"], precondition: [next.digest, IMAGE.digest] },
      true,
    ],
    [
      "the tag points to a manifest, but it points to another",
      { tags: ["old"], precondition: [next.digest] },
      false,
    ],
    [
      "the tag points to a manifest, but it is absent",
      { tags: ["new"], precondition: [IMAGE.digest] },
      false,
    ],
    ["the tag points to one of an empty list of manifests", { tags: ["old"], precondition: [] }, false],
    ["all tags are absent, but one is not", { tags: ["new", "old"], precondition: "absent" }, false],
    ["the manifest is absent, without a tag, and it is", { precondition: "absent" }, true],
    ["the manifest is present, without a tag, but it is not", { precondition: "present" }, false],
  ])("that %s", async (_, options, succeeds) => {
    await repository.push(IMAGE, { tags: ["old"] });
    const pushed = repository.push(next, options);
    if (succeeds) {
      await pushed;
      for (const tag of options?.tags ?? []) expect(await repository.digestOf(tag)).toBe(next.digest);
      return;
    }
    await expect(pushed).rejects.toThrow(ociError("PRECONDITION_FAILED", 412));
    expect(await repository.digestOf("old")).toBe(IMAGE.digest);
    await expect(repository.pull("new")).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
    await expect(repository.pull(next.digest)).rejects.toThrow(ociError("MANIFEST_UNKNOWN"));
  });

  it("fails with the current digest of the tag", async () => {
    await repository.push(IMAGE, { tags: ["old"] });
    const error = await rejection(repository.push(next, { tags: ["old"], precondition: "absent" }));
    expect(error.items()[0]?.detail).toMatchObject({ digest: IMAGE.digest });
  });

  it("succeeds for exactly one of several concurrent clients", async () => {
    const images = Array.from({ length: 10 }, (_, number) => image({ config: CONFIG, extra: { number } }));
    const pushes = images.map((content) =>
      repository.push(content, { tags: ["lock"], precondition: "absent" }),
    );
    const outcomes = await Promise.allSettled(pushes);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const winner = outcomes.findIndex(({ status }) => status === "fulfilled");
    expect(await repository.digestOf("lock")).toBe(images[winner]?.digest);
  });

  it("leaves no dependency records when it fails", async () => {
    await repository.push(image({ config: blob("config") }), { tags: ["old"] });
    await expect(repository.push(IMAGE, { tags: ["old"], precondition: "absent" })).rejects.toThrow(
      ociError("PRECONDITION_FAILED"),
    );
    await repository.deleteBlob(LAYER);
    await expect(repository.sizeOf(LAYER)).rejects.toThrow(ociError("BLOB_UNKNOWN"));
  });
});

/** Creates distinct contents. */
function numbered(count: number): readonly Content[] {
  return Array.from({ length: count }, (_, number) => blob(String(number)));
}

/** Creates an image manifest of the given size in bytes. */
function padded(size: number, extra: object = {}): Content {
  const empty = image({ config: CONFIG, extra: { ...extra, padding: "" } });
  return image({ config: CONFIG, extra: { ...extra, padding: "x".repeat(size - empty.bytes.length) } });
}
