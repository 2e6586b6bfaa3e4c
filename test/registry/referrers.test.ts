import { beforeEach, describe, expect, it } from "vitest";
import type { Digest } from "../../lib/oci/digest.ts";
import { OCI_IMAGE_INDEX, OCI_IMAGE_MANIFEST } from "../../lib/oci/media-type.ts";
import { listReferrers, type ReferrersPage } from "../../lib/registry/manifests/referrers.ts";
import { blob, type Content, digestOf, image, index } from "../support/content.ts";
import { ociError } from "../support/errors.ts";
import type { MemoryRegistry } from "../support/memory.ts";
import { createImageRepository, Repository } from "../support/repository.ts";

const CONFIG = { ...blob("{}"), mediaType: "application/vnd.example.config+json" };
const SUBJECT = image({ config: CONFIG });

/**
 * Clients do not read larger responses: the specification then requires pages.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;

let memory: MemoryRegistry;
let repository: Repository;

beforeEach(async () => {
  ({ memory, repository } = await createImageRepository(CONFIG));
});

async function list(artifactType?: string, after?: Digest, subject = SUBJECT.digest): Promise<ReferrersPage> {
  return await listReferrers(memory.registry, repository.name, subject, { artifactType, after });
}

async function listAll(artifactType?: string): Promise<readonly ReferrersPage[]> {
  const pages = [await list(artifactType)];
  for (let next = pages[0]?.next; next !== undefined; next = pages.at(-1)?.next) {
    pages.push(await list(artifactType, next));
  }
  return pages;
}

function attachment(extra: object = {}): Content {
  return image({ config: CONFIG, subject: SUBJECT, extra });
}

describe("the referrers of a manifest", () => {
  it("are an empty list when no manifest has it as subject, whether or not it exists", async () => {
    expect(await list()).toEqual({ descriptors: [] });
    await repository.push(SUBJECT);
    expect(await list()).toEqual({ descriptors: [] });
  });

  it("are listed whether or not the subject exists", async () => {
    const signature = attachment({ artifactType: "application/vnd.example.signature" });
    await repository.push(signature);
    const descriptor = {
      mediaType: OCI_IMAGE_MANIFEST,
      digest: signature.digest,
      size: signature.bytes.length,
      artifactType: "application/vnd.example.signature",
    };
    expect(await list()).toEqual({ descriptors: [descriptor] });
    await repository.push(SUBJECT, { tags: ["latest"] });
    expect(await list()).toEqual({ descriptors: [descriptor] });
    await repository.remove(SUBJECT.digest);
    expect(await list()).toEqual({ descriptors: [descriptor] });
  });

  it("have the config's media type as artifact type when their manifest has none", async () => {
    await repository.push(attachment());
    expect((await list()).descriptors[0]?.artifactType).toBe(CONFIG.mediaType);
  });

  it("can be indexes, with or without an artifact type", async () => {
    const subject = { mediaType: SUBJECT.mediaType, digest: SUBJECT.digest, size: SUBJECT.bytes.length };
    await repository.push(index([], { subject }));
    expect((await list()).descriptors[0]).not.toHaveProperty("artifactType");
    expect((await list()).descriptors[0]?.mediaType).toBe(OCI_IMAGE_INDEX);
  });

  it("are listed with the annotations of their manifests", async () => {
    const annotations = { "org.example": "é", empty: "", "": "unnamed", constructor: "a", toString: "b" };
    await repository.push(attachment({ annotations }));
    expect((await list()).descriptors[0]?.annotations).toEqual(annotations);
  });

  it.each([40_000, 70_000, 1_000_000])("may have annotations of %d characters", async (length) => {
    const annotations = { long: "x".repeat(length) };
    await repository.push(attachment({ annotations }));
    expect((await list()).descriptors[0]?.annotations).toEqual(annotations);
  });

  it("are no longer listed after their deletion", async () => {
    const [first, second] = [attachment({ n: 1 }), attachment({ n: 2 })];
    await repository.push(first);
    await repository.push(second);
    await repository.remove(first.digest);
    expect((await list()).descriptors.map(({ digest }) => digest)).toEqual([second.digest]);
  });

  it("belong to one subject in one repository", async () => {
    const other = new Repository(memory.registry, "library/other");
    await other.upload(CONFIG);
    await other.push(attachment());
    await repository.push(image({ config: CONFIG, subject: blob("another subject") }));
    expect(await list()).toEqual({ descriptors: [] });
  });

  it("are listed once when they are pushed several times", async () => {
    await Promise.all([1, 2, 3].map(() => repository.push(attachment())));
    await repository.push(attachment(), { tags: ["again"] });
    expect((await list()).descriptors).toHaveLength(1);
  });

  it("can form cycles", async () => {
    const first = attachment();
    await repository.push(first);
    await repository.push(image({ config: CONFIG, subject: first }));
    expect((await list(undefined, undefined, first.digest)).descriptors).toHaveLength(1);
  });

  it.each(["sha256", "sha512"] as const)("can have a subject with a %s digest", async (algorithm) => {
    const digest = digestOf(SUBJECT.bytes, algorithm);
    await repository.push(image({ config: CONFIG, subject: { ...SUBJECT, digest }, algorithm }));
    expect((await list(undefined, undefined, digest)).descriptors).toHaveLength(1);
  });
});

describe("a filter", () => {
  const types = ["application/a", "application/b", "application/a+json"];

  it("returns the referrers of one artifact type", async () => {
    for (const artifactType of types) await repository.push(attachment({ artifactType }));
    const { descriptors } = await list("application/a");
    expect(descriptors.map(({ artifactType }) => artifactType)).toEqual(["application/a"]);
    expect((await list()).descriptors).toHaveLength(3);
  });

  it("returns an empty list when no referrer has the artifact type", async () => {
    await repository.push(attachment());
    expect(await list("application/none")).toEqual({ descriptors: [] });
  });

  it("returns referrers whose config has the artifact type as its media type", async () => {
    await repository.push(attachment());
    await repository.push(attachment({ artifactType: "application/a" }));
    expect((await list(CONFIG.mediaType)).descriptors).toHaveLength(1);
  });
});

describe("many referrers", () => {
  it.each([99, 100, 101, 250])("are listed in pages, each once and in order (%d)", async (count) => {
    const attachments = Array.from({ length: count }, (_, n) => attachment({ n }));
    for (const content of attachments) await repository.push(content);
    const digests = (await listAll()).flatMap(({ descriptors }) => descriptors.map(({ digest }) => digest));
    expect(digests).toEqual(attachments.map(({ digest }) => digest).sort());
  });

  it("are listed in pages when a filter excludes most of them", async () => {
    for (let n = 0; n < 220; n++) {
      await repository.push(
        attachment({ n, artifactType: n % 50 === 0 ? "application/rare" : "application/common" }),
      );
    }
    const rare = (await listAll("application/rare")).flatMap(({ descriptors }) => descriptors);
    expect(rare).toHaveLength(5);
  });

  it.each<[string, string]>([
    ["of 30 KB each, which are stored with the list", "x".repeat(30_000)],
    ["of 30,000 characters of three bytes each", "€".repeat(30_000)],
    ["of 200 KB each, which are read from the manifests", "x".repeat(200_000)],
  ])("are listed in pages of a size that clients accept, with annotations %s", async (_, text) => {
    for (let n = 0; n < 101; n++) await repository.push(attachment({ annotations: { text: `${n}${text}` } }));
    const pages = await listAll();
    expect(pages.flatMap(({ descriptors }) => descriptors)).toHaveLength(101);
    for (const { descriptors } of pages) {
      expect(Buffer.byteLength(JSON.stringify(descriptors))).toBeLessThan(MAX_RESPONSE_BYTES);
    }
  });

  it("are listed in pages that read at most 16 MiB of manifests, however small their annotations are", async () => {
    const layers = Array.from({ length: 10 }, (_, n) => ({ n, pad: "x".repeat(300_000) }));
    for (let n = 0; n < 12; n++) {
      await repository.push(
        attachment({ annotations: { text: `${n}${"x".repeat(33_000)}` }, unknown: layers }),
      );
    }
    const pages = await listAll();
    expect(pages.flatMap(({ descriptors }) => descriptors)).toHaveLength(12);
    for (const { descriptors } of pages) {
      const read = descriptors.reduce((sum, { size }) => sum + size, 0);
      expect(read).toBeLessThanOrEqual(16 * 1024 * 1024);
    }
  });

  it("with an excessively long artifact type are either rejected or listed, in every store", async () => {
    const artifactType = `application/${"x".repeat(500_000)}`;
    const refusal = await repository.push(attachment({ artifactType })).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refusal === undefined) expect((await list(artifactType)).descriptors).toHaveLength(1);
    else expect(refusal).toEqual(ociError("MANIFEST_INVALID"));
  });
});
