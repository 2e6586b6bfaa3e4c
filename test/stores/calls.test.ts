import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { MAX_INLINE_BYTES } from "../../lib/registry/manifests/content.ts";
import { type Content, createContent } from "../soak/support/content.ts";
import { createImage, type Manifest } from "../soak/support/images.ts";
import type { Family, FamilyClient } from "./family.ts";
import { callsTable } from "./support/calls-table.ts";
import { startWatched, type WatchedRegistry } from "./support/watched.ts";

const NAME = "library/image";
const DATA_MODEL = join(import.meta.dirname, "../../docs/data-model.md");
const READ = { "DynamoDB GetItem": 1 };

let registry: WatchedRegistry;
let redirecting: FamilyClient;
let streaming: FamilyClient;

beforeAll(async () => {
  registry = await startWatched();
  redirecting = registry.redirecting(NAME);
  streaming = registry.streaming(NAME);
});

async function callsOf(work: () => Promise<unknown>): Promise<Readonly<Record<string, number>>> {
  return (await registry.callsOf(work)).toJSON();
}

function small(name: string): Content {
  return createContent(name, 100);
}

async function pushed(name: string, layers: readonly Content[], padding = 0): Promise<Manifest> {
  const image = createImage(small(`${name}/config`), layers, padding);
  await redirecting.push(image, name, "put");
  return image;
}

describe("a pull costs", () => {
  let image: Manifest;
  beforeAll(async () => {
    image = await pushed("pulled", [small("pulled/layer")]);
  });

  it.each([
    ["GET", "tag"],
    ["GET", "digest"],
    ["HEAD", "tag"],
    ["HEAD", "digest"],
  ])("one read of DynamoDB and none of S3: a manifest by %s and %s", async (method, by) => {
    const path = `manifests/${by === "tag" ? "pulled" : image.digest}`;
    const work = () => (method === "GET" ? redirecting.get(path) : redirecting.head(path));
    expect(await callsOf(work)).toEqual(READ);
  });

  it("one read of DynamoDB and none of S3: a blob, by HEAD and by a redirected GET", async () => {
    const path = `blobs/${image.blobs[0]?.digest}`;
    expect(await callsOf(() => redirecting.head(path))).toEqual(READ);
    expect(await callsOf(() => redirecting.get(path, 307))).toEqual(READ);
  });

  it("one read of each: a blob that is streamed", async () => {
    const path = `blobs/${image.blobs[0]?.digest}`;
    expect(await callsOf(() => streaming.get(path))).toEqual({ ...READ, "S3 GetObject": 1 });
  });

  it("one read of each: a manifest that is too large for a record; its HEAD reads only DynamoDB", async () => {
    const large = await pushed("large", [], 70_000);
    expect(await callsOf(() => redirecting.get("manifests/large"))).toEqual({ ...READ, "S3 GetObject": 1 });
    expect(await callsOf(() => redirecting.head(`manifests/${large.digest}`))).toEqual(READ);
  });
});

describe("a list costs one query a page:", () => {
  it("tags", async () => {
    const image = await pushed("listed", []);
    for (let number = 0; number < 20; number++) await redirecting.putManifest(image, `tag-${number}`);
    for (const query of ["", "?n=5", "?n=5&last=tag-10"]) {
      expect(await callsOf(() => redirecting.get(`tags/list${query}`))).toEqual({ "DynamoDB Query": 1 });
    }
  });

  it("referrers, even if the list is empty", async () => {
    const { digest } = await pushed("referred", []);
    expect(await callsOf(() => redirecting.get(`referrers/${digest}`))).toEqual({ "DynamoDB Query": 1 });
  });
});

describe("a push of a manifest costs", () => {
  it.each([1, 99, 100, 250])(
    "with %d new layers, two batch reads and one write per hundred dependencies, plus a constant number of calls",
    async (count) => {
      const layers = Array.from({ length: count }, (_, index) => small(`layers/${index}`));
      const image = createImage(small("config"), layers);
      for (const blob of image.blobs) await redirecting.pushBlob(blob, "put");
      const found = await callsOf(() => redirecting.putManifest(image, `with-${count}`));
      const hundreds = Math.ceil((count + 1) / 100);
      const references = Math.ceil((count + 2) / 100);
      const { "DynamoDB PutItem": single = 0, "DynamoDB TransactWriteItems": several = 0 } = found;
      expect(found).toMatchObject({ "DynamoDB GetItem": 3, "DynamoDB BatchGetItem": 2 * hundreds + 1 });
      expect(single + several).toBe(references + 1);
      expect(found["S3 PutObject"] ?? 0).toBe(image.bytes.length > MAX_INLINE_BYTES ? 1 : 0);
    },
  );

  it("one read of the manifest, one read of the tag and one write when only a tag moves", async () => {
    const image = await pushed("moved", []);
    const retag = () => redirecting.putManifest(image, "moved-again");
    const writes = { "DynamoDB BatchGetItem": 1, "DynamoDB TransactWriteItems": 1 };
    expect(await callsOf(retag)).toEqual({ ...READ, ...writes });
  });
});

describe("a mount costs", () => {
  it("one read, one write and no call to S3", async () => {
    const [blob] = (await pushed("mounted", [])).blobs;
    const path = `blobs/uploads/?mount=${blob?.digest}&from=${NAME}`;
    const mount = () => registry.redirecting("library/other").send("POST", path, [201]);
    expect(await callsOf(mount)).toEqual({ ...READ, "DynamoDB TransactWriteItems": 1 });
  });
});

describe("an image of ten new layers of 50 MB", () => {
  it("costs what docs/data-model.md states", { timeout: 300_000 }, async () => {
    const put = await callsOfImage("put");
    const patch = await callsOfImage("patch");
    const table = callsTable({ "push by PUT": put.push, "push by PATCH": patch.push, pull: put.pull });
    console.log(`\n${table}\n`);
    expect(await readFile(DATA_MODEL, "utf8")).toContain(table);
  });
});

/** Counts the calls of both families, each of which pushes separate layers to a separate repository. */
async function callsOfImage(family: Family) {
  const layers = Array.from({ length: 10 }, (_, index) => createContent(`${family}/${index}`, 50_000_000));
  const image = createImage(createContent(`${family}/config`, 5000), layers);
  const client = registry.redirecting(`library/${family}`);
  const push = await registry.callsOf(() => client.push(image, "latest", family));
  const pull = await registry.callsOf(() => client.pull(image, "latest"));
  // The registry does not see what the client downloads from S3 by URL.
  pull.add("S3 GetObject, by the client", image.blobs.length);
  return { push, pull };
}
