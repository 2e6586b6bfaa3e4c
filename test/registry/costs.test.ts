import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inBatches } from "../../lib/ports/batches.ts";
import { MAX_TAGS_PER_PUSH } from "../../lib/registry/manifests/push.ts";
import { tagSummaryKey } from "../../lib/registry/records.ts";
import { listTags } from "../../lib/registry/tags.ts";
import { toItem } from "../../lib/storage/dynamodb/attributes.ts";
import { DynamoRecords } from "../../lib/storage/dynamodb/records.ts";
import { sizeOf } from "../stores/support/units.ts";
import { blob, type Content, descriptor, image, index } from "../support/content.ts";
import { createMemoryRegistry } from "../support/memory.ts";
import { Repository, tagsNamed } from "../support/repository.ts";
import { DynamoStandIn } from "../support/stand-ins/dynamodb.ts";

const DATA_MODEL = join(import.meta.dirname, "../../docs/data-model.md");
const BLOBS = [blob("config"), blob("layer"), blob("another layer")];

/** Calls of DynamoDB and capacity units of one request. */
interface Cost {
  readonly calls: readonly string[];
  readonly reads: number;
  readonly writes: number;
}

/** Repository with a name of 13 characters, whose records are in DynamoDB. */
class MeasuredRepository extends Repository {
  readonly #dynamo: DynamoStandIn;

  static async create(): Promise<MeasuredRepository> {
    const repository = new MeasuredRepository(new DynamoStandIn());
    await repository.upload(...BLOBS);
    return repository;
  }

  private constructor(client: DynamoStandIn) {
    const records = new DynamoRecords({ client, table: "records" });
    super({ ...createMemoryRegistry().registry, records, newId: randomUUID }, "library/image");
    this.#dynamo = client;
  }

  async costOf(work: () => Promise<unknown>): Promise<Cost> {
    this.#dynamo.reset();
    await work();
    const { calls, reads, writes } = this.#dynamo;
    return { calls, reads, writes };
  }

  async tag(content: Content, tags: readonly string[]): Promise<void> {
    for (const batch of inBatches(tags, MAX_TAGS_PER_PUSH)) await this.push(content, { tags: batch });
  }

  async list(limit: number): Promise<readonly string[]> {
    return (await listTags(this.registry, this.name, { limit, last: undefined })).names;
  }
}

/** Returns an image manifest of exactly this size. */
function sized(size: number, extra: object = {}): Content {
  const padded = (length: number) =>
    image({
      ...(BLOBS[0] && { config: BLOBS[0] }),
      layers: BLOBS.slice(1),
      extra: { ...extra, padding: "x".repeat(length) },
    });
  return padded(size - padded(0).bytes.length);
}

/** Returns tags of 20 characters. */
const longTags = (count: number) => tagsNamed("1.0.0-20261128.t", count).map((tag) => tag.padEnd(20, "0"));

/** Returns the costs of requests that depend on the size of a manifest, in the order of the documentation. */
async function costsOf(size: number): Promise<ReadonlyMap<string, Cost>> {
  const repository = await MeasuredRepository.create();
  const [content, other, third] = [sized(size), sized(size, { other: 1 }), sized(size, { third: 1 })];
  await repository.push(other, { tags: ["moved"] });
  await repository.tag(other, longTags(1000));
  const costs = new Map<string, Cost>();
  const measure = async (name: string, work: () => Promise<unknown>) =>
    void costs.set(name, await repository.costOf(work));
  await measure("`PUT` of a new manifest with 3 blobs, and a new tag", () =>
    repository.push(content, { tags: ["new"] }),
  );
  await measure("`PUT` of an existing manifest: a new tag", () =>
    repository.push(content, { tags: ["second"] }),
  );
  await measure("`PUT` of an existing manifest: its tag moves", () =>
    repository.push(content, { tags: ["moved"] }),
  );
  await measure("`GET` or `HEAD` of a manifest, by tag or digest", () => repository.pull("moved"));
  await measure("`GET` of 1,000 tags", () => repository.list(1000));
  await measure("`DELETE` of a tag", () => repository.remove("second"));
  await repository.push(third, { tags: ["single"] });
  await measure("`DELETE` of a manifest with 1 tag, of 1,002 in the repository", () =>
    repository.remove(third.digest),
  );
  return costs;
}

describe("the cost of requests in DynamoDB", () => {
  it("matches docs/data-model.md for each manifest size", async () => {
    const columns = await Promise.all([1000, 10_000, 30_000].map(costsOf));
    const names = [...(columns[0]?.keys() ?? [])];
    const cell = (cost: Cost | undefined) => `${cost?.reads} / ${cost?.writes}`;
    const rows = names.map((name) => [name, ...columns.map((costs) => cell(costs.get(name)))]);
    const table = [["request", "1 KB", "10 KB", "30 KB"], ["---", "--:", "--:", "--:"], ...rows]
      .map((row) => `| ${row.join(" | ")} |`)
      .join("\n");
    expect(await readFile(DATA_MODEL, "utf8")).toContain(table);
  });

  it("of a pull by tag is one read", async () => {
    const repository = await MeasuredRepository.create();
    await repository.push(sized(1000), { tags: ["a"] });
    const { calls, reads } = await repository.costOf(() => repository.pull("a"));
    expect([calls, reads]).toEqual([["GetItem"], 1]);
  });

  it("of moving a tag to an existing manifest is at most ten write units", async () => {
    const repository = await MeasuredRepository.create();
    const [small, other] = [sized(700), sized(700, { other: 1 })];
    await repository.push(small, { tags: ["a"] });
    await repository.push(other, { tags: ["b"] });
    const { calls, writes } = await repository.costOf(() => repository.push(small, { tags: ["b"] }));
    expect(calls).toEqual(["GetItem", "BatchGetItem", "TransactWriteItems"]);
    expect(writes).toBeLessThanOrEqual(10);
  });

  it("of listing 1,000 tags is at most 60 read units and one query, regardless of the manifests", async () => {
    const repository = await MeasuredRepository.create();
    await repository.tag(sized(23_000), longTags(1000));
    const { calls, reads } = await repository.costOf(async () =>
      expect(await repository.list(1000)).toHaveLength(1000),
    );
    expect(calls).toEqual(["Query"]);
    expect(reads).toBeLessThanOrEqual(60);
  });

  it("of listing 10,000 tags of a multi-platform index is at most 10 queries", async () => {
    const repository = await MeasuredRepository.create();
    const everywhere = indexOfPlatforms();
    await repository.tag(everywhere, longTags(10_000));
    const { calls } = await repository.costOf(async () =>
      expect(await repository.list(10_000)).toHaveLength(10_000),
    );
    expect(new Set(calls)).toEqual(new Set(["Query"]));
    expect(calls.length).toBeLessThanOrEqual(10);
  });

  it("of deleting a manifest does not depend on the tags of other manifests", async () => {
    const repository = await MeasuredRepository.create();
    await repository.tag(sized(10_000, { other: 1 }), longTags(1000));
    await repository.push(sized(1000), { tags: ["a", "b"] });
    const { calls, reads } = await repository.costOf(() => repository.remove(sized(1000).digest));
    expect(calls.filter((call) => !call.startsWith("Transact"))).toEqual(["GetItem", "Query", "Query"]);
    expect(reads).toBe(3);
  });
});

/** Returns an index with a child for each of the platforms that have a code, and more. */
function indexOfPlatforms(): Content {
  const systems = ["linux", "windows", "darwin", "freebsd", "wasip1", "plan9"];
  const machines = [
    "386",
    "amd64",
    "arm64",
    "arm",
    "ppc64le",
    "s390x",
    "riscv64",
    "mips64le",
    "loong64",
    "wasm",
  ];
  const platforms = systems.flatMap((os) => machines.map((architecture) => ({ os, architecture })));
  const manifests = platforms.map((platform) => descriptor(sized(1000), { platform }));
  return index([], { manifests });
}

describe("a tag summary", () => {
  it("takes less than 240 bytes, including its key, in a repository with a name of 13 characters", async () => {
    const repository = await MeasuredRepository.create();
    const [tag] = tagsNamed("1.0.0-20261128.t", 1);
    if (tag === undefined) throw new Error("no tag");
    await repository.push(indexOfPlatforms(), { tags: [tag] });
    const key = tagSummaryKey(repository.name, tag);
    const record = await repository.registry.records.get(key);
    expect(tag).toHaveLength(20);
    expect(sizeOf(toItem({ ...record, PK: key.partition, SK: key.sort }))).toBeLessThan(240);
  });
});
