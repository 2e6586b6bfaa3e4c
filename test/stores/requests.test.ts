import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Content, createContent } from "../soak/support/content.ts";
import { createImage, createIndex, type Manifest } from "../soak/support/images.ts";
import { type FamilyClient, requestOf, stream } from "./family.ts";
import { requestsTable } from "./support/calls-table.ts";
import type { Calls } from "./support/counting.ts";
import { startWatched, type WatchedRegistry } from "./support/watched.ts";

const DATA_MODEL = join(import.meta.dirname, "../../docs/data-model.md");
const SMALL = 1000;
const LARGE = 50_000_000;

/** Sequence of requests, which records the cost of each. */
class Tour {
  readonly costs = new Map<string, Calls>();
  readonly #registry: WatchedRegistry;
  readonly #client: FamilyClient;
  readonly #image = createImage(content("config"), [content("layer"), content("another layer")]);
  readonly #index = createIndex([this.#image]);

  constructor(registry: WatchedRegistry) {
    this.#registry = registry;
    this.#client = registry.redirecting("library/tour");
  }

  async pushBlobs(): Promise<void> {
    const client = this.#client;
    const [config, first, second] = this.#image.blobs;
    if (config === undefined || first === undefined || second === undefined) throw new Error("no blobs");
    await this.#cost("`POST` that begins a session", () => client.begin());
    const whole = await client.begin();
    await this.#cost("`PUT` with a whole blob", () =>
      client.send("PUT", closing(whole, config), [201], requestOf(config)),
    );
    await this.#cost("`POST` with a whole blob", () =>
      client.send("POST", `blobs/uploads/?digest=${first.digest}`, [201], requestOf(first)),
    );
    const staged = await client.begin();
    await this.#cost("`PATCH`", () => client.send("PATCH", staged, [202], requestOf(second)));
    await this.#cost("`GET` of a session", () => client.get(staged, 204));
    await this.#cost("`PUT` that closes a session", () => client.send("PUT", closing(staged, second), [201]));
    await this.#cancel();
    await this.#pushLarge();
  }

  async #cancel(): Promise<void> {
    const client = this.#client;
    const session = await client.begin();
    await client.send("PATCH", session, [202], requestOf(content("cancelled")));
    await this.#cost("`DELETE` of a session", () => client.send("DELETE", session, [204]));
  }

  async #pushLarge(): Promise<void> {
    const client = this.#client;
    const [put, patched] = [createContent("large", LARGE), createContent("another", LARGE)];
    const whole = await client.begin();
    await this.#cost("`PUT` with a whole blob of 50 MB", () =>
      client.send("PUT", closing(whole, put), [201], requestOf(put)),
    );
    const staged = await client.begin();
    await this.#cost("`PATCH` of 50 MB", () => client.send("PATCH", staged, [202], requestOf(patched)));
    await client.send("PUT", closing(staged, patched), [201]);
  }

  async mount(): Promise<void> {
    const other = this.#registry.redirecting("library/other");
    const third = this.#registry.redirecting("library/third");
    const digest = this.#image.blobs[0]?.digest;
    const mount = `blobs/uploads/?mount=${digest}`;
    await this.#cost("mount from a repository", () =>
      other.send("POST", `${mount}&from=library/tour`, [201]),
    );
    await this.#cost("mount from any repository", () => third.send("POST", mount, [201]));
    await this.#cost("`DELETE` of a blob", () => third.send("DELETE", `blobs/${digest}`, [202]));
  }

  async pushManifests(): Promise<void> {
    const client = this.#client;
    await this.#cost("`PUT` of a new manifest, the first of its repository, with 3 blobs", () =>
      client.putManifest(this.#image, "one"),
    );
    await this.#cost("`PUT` of an existing manifest: a new tag", () =>
      client.putManifest(this.#image, "two"),
    );
    await this.#cost("the same with `If-Match`", () => swap(client, this.#image));
    await this.#cost("`PUT` of a new index with 1 manifest", () => client.putManifest(this.#index, "all"));
  }

  async read(): Promise<void> {
    const client = this.#client;
    const streaming = this.#registry.streaming("library/tour");
    const blob = `blobs/${this.#image.blobs[0]?.digest}`;
    await this.#cost("`GET` or `HEAD` of a manifest, by tag", () => client.get("manifests/one"));
    await this.#cost("`GET` or `HEAD` of a manifest, by digest", () =>
      client.get(`manifests/${this.#image.digest}`),
    );
    await this.#cost("`HEAD` of a blob", () => client.head(blob));
    await this.#cost("`GET` of a blob, redirected", () => client.get(blob, 307));
    await this.#cost("`GET` of a blob, streamed", () => streaming.get(blob));
    await this.#cost("`GET` of a page of tags", () => client.get("tags/list"));
    await this.#cost("`GET` of a page of referrers", () => client.get(`referrers/${this.#image.digest}`));
  }

  async remove(): Promise<void> {
    const client = this.#client;
    await this.#cost("`DELETE` of a tag", () => client.send("DELETE", "manifests/two", [202]));
    await this.#cost("`DELETE` of an index with 1 tag and 1 manifest", () =>
      client.send("DELETE", `manifests/${this.#index.digest}`, [202]),
    );
    await this.#cost("`DELETE` of a manifest with 1 tag and 3 blobs", () =>
      client.send("DELETE", `manifests/${this.#image.digest}`, [202]),
    );
  }

  async #cost(request: string, work: () => Promise<unknown>): Promise<void> {
    this.costs.set(request, await this.#registry.callsOf(work));
  }
}

function content(name: string): Content {
  return createContent(`tour/${name}`, SMALL);
}

function closing(session: string, { digest }: Content): string {
  return `${session}?digest=${digest}`;
}

async function swap(client: FamilyClient, { bytes, mediaType, digest }: Manifest): Promise<void> {
  const headers = { "content-type": mediaType, "if-match": `"${digest}"` };
  await client.send("PUT", "manifests/one", [201], { headers, body: stream([bytes]) });
}

describe("individual requests", () => {
  it("cost what docs/data-model.md states", async () => {
    const tour = new Tour(await startWatched());
    await tour.pushBlobs();
    await tour.mount();
    await tour.pushManifests();
    await tour.read();
    await tour.remove();
    const table = requestsTable(tour.costs);
    console.log(`\n${table}\n`);
    expect(await readFile(DATA_MODEL, "utf8")).toContain(table);
  });
});
