import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BlobStore } from "../../../lib/ports/blob-store.ts";
import type { RecordStore } from "../../../lib/ports/record-store.ts";
import type { UploadStore } from "../../../lib/ports/upload-store.ts";
import { linkChanges } from "../../../lib/registry/blobs.ts";
import type { RegistryContext } from "../../../lib/registry/registry-context.ts";
import { bodyOf } from "../content.ts";
import { Clock } from "../memory.ts";
import type { Opened } from "../opened.ts";
import { type Scenario, scenariosOf } from "./arbitraries.ts";
import { EXAMPLES } from "./examples.ts";
import type { Event } from "./model.ts";
import { withNamespace } from "./namespaced.ts";
import { type Operation, perform } from "./operations.ts";
import { HOUR_SECONDS, readWorld, runRound } from "./rounds.ts";
import { BLOBS, FILLERS, MANIFESTS, NAMES, type Name, repositoryName } from "./world.ts";

/** Stores under test. */
export interface RegistryStores {
  readonly records: RecordStore;
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
}

/**
 * Contract of a registry over any stores, for all interleavings and interruptions of its clients' calls; must be called within
 * a `describe`. `INTERLEAVINGS=50000 npm test -- interleavings` runs more scenarios.
 */
export function interleavingsContract(open: () => Promise<Opened<RegistryStores>>, usualRuns: number): void {
  const runs = Number(process.env["INTERLEAVINGS"] ?? usualRuns);
  let opened: Opened<RegistryStores>;
  beforeAll(async () => {
    opened = await open();
    for (const { digest, bytes } of FILLERS) await opened.store.blobs.put(digest, bodyOf(bytes));
  });
  afterAll(() => opened.close());

  const holdFor = async (
    stories: fc.Arbitrary<Scenario>,
    numRuns: number,
    begin: (world: World) => Promise<void>,
  ) => {
    const property = fc.asyncProperty(stories, async (story) => {
      const world = newWorld(opened.store);
      await begin(world);
      await play(world, story);
    });
    await fc.assert(property, { numRuns, examples: EXAMPLES.map((story) => [story]) });
  };

  const usual = MANIFESTS.filter((label) => label !== "wide");
  it("keep every manifest complete and every tag resolvable, and receive correct responses", {
    timeout: 120_000 + 60 * runs,
  }, async () => {
    await holdFor(scenariosOf(usual), runs, async () => undefined);
  });

  it("behave the same with a manifest whose dependencies exceed one write", {
    timeout: 120_000 + 60 * runs,
  }, async () => {
    await holdFor(scenariosOf(["wide"]), Math.ceil(runs / 20), linkFillers);
  });
}

interface World extends RegistryStores {
  readonly registry: RegistryContext;
  readonly clock: Clock;
}

/** Creates an empty world: the records of other worlds are not visible. */
function newWorld({ records, blobs, uploads }: RegistryStores): World {
  const clock = new Clock();
  const own = { records: withNamespace(records, `${randomUUID()}#`), blobs, uploads };
  let ids = 0;
  const newId = () => `id-${++ids}`;
  return { ...own, clock, registry: { ...own, now: () => clock.now(), newId } };
}

async function linkFillers({ records }: World): Promise<void> {
  for (const name of NAMES.map(repositoryName)) {
    const changes = FILLERS.flatMap(({ digest, bytes }) => linkChanges(name, digest, bytes.length));
    for (let start = 0; start < changes.length; start += 100)
      await records.write(changes.slice(start, start + 100));
  }
}

async function play(world: World, { setup, rounds }: Scenario): Promise<void> {
  for (const operation of setup) await perform(world.registry, operation);
  const events: Event[] = [];
  for (const round of rounds) events.push(...(await runRound(world.registry, world, round)));
  if (!events.every(isOver)) world.clock.advance(HOUR_SECONDS);
  await expectAllRemovable(world);
}

/** Returns whether an operation has ended for good: an interrupted or rejected push may protect its dependencies for a while. */
function isOver({ operation, response }: Event): boolean {
  return response !== undefined && (operation.kind !== "push" || response === "done");
}

/** Verifies that everything can be deleted eventually, and immediately after operations that have ended. */
async function expectAllRemovable(world: World): Promise<void> {
  for (const operation of NAMES.flatMap(removals)) {
    expect(await perform(world.registry, operation)).toMatch(/^(done|MANIFEST_UNKNOWN|BLOB_UNKNOWN)$/);
  }
  const fillers = new Set(FILLERS.map(({ digest }) => digest));
  for (const { tags, manifests, links, referrers } of await readWorld(world)) {
    const left = [...links.keys()].filter((digest) => !fillers.has(digest));
    expect([...tags, ...manifests, ...referrers, ...left]).toEqual([]);
  }
}

/** Returns deletions of the index before its children, and of all manifests before their blobs. */
function removals(name: Name): readonly Operation[] {
  return [
    ...MANIFESTS.toReversed().map((manifest): Operation => ({ kind: "delete manifest", name, manifest })),
    ...BLOBS.map((blob): Operation => ({ kind: "delete blob", name, blob })),
  ];
}
