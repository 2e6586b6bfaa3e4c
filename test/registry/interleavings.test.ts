import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stories } from "../support/interleaving/arbitraries.ts";
import type { Event } from "../support/interleaving/model.ts";
import { type Operation, perform } from "../support/interleaving/operations.ts";
import { readWorld, runRound } from "../support/interleaving/rounds.ts";
import { BLOBS, MANIFESTS, NAMES } from "../support/interleaving/world.ts";
import { type MemoryRegistry, memoryRegistry } from "../support/memory.ts";

const HOUR = 3600;

/** `INTERLEAVINGS=50000 npm test -- interleavings` looks longer. */
const numRuns = Number(process.env["INTERLEAVINGS"] ?? 1000);

describe("clients that push, mount, tag and delete at the same time, and are killed at any moment", () => {
  it("leave every manifest whole and every tag resolved, and are told the truth", {
    timeout: 60 * numRuns,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(stories, async ({ setup, rounds }) => {
        const world = memoryRegistry();
        for (const operation of setup) await perform(world.registry, operation);
        const events: Event[] = [];
        for (const { pause, ...round } of rounds) {
          events.push(...(await runRound(world.registry, world, round)));
          if (pause) world.clock.advance(HOUR);
        }
        if (!events.every(isOver)) world.clock.advance(HOUR);
        await expectAllRemovable(world);
      }),
      { numRuns },
    );
  });
});

/** A push that was killed or refused may protect what it needs for a while. */
function isOver({ operation, answer }: Event): boolean {
  return answer !== undefined && (operation.kind !== "push" || answer === "done");
}

/** Nothing that happened keeps anything from being removed for ever; what is over, not even for a while. */
async function expectAllRemovable(world: MemoryRegistry): Promise<void> {
  for (const operation of NAMES.flatMap(removals)) {
    expect(await perform(world.registry, operation)).toMatch(/^(done|MANIFEST_UNKNOWN|BLOB_UNKNOWN)$/);
  }
  for (const { tags, manifests, links, referrers } of await readWorld(world)) {
    expect([...tags, ...manifests, ...links, ...referrers]).toEqual([]);
  }
}

/** Of the index before its children, and of all manifests before their blobs. */
function removals(name: (typeof NAMES)[number]): readonly Operation[] {
  return [
    ...MANIFESTS.toReversed().map((manifest): Operation => ({ kind: "delete manifest", name, manifest })),
    ...BLOBS.map((blob): Operation => ({ kind: "delete blob", name, blob })),
  ];
}
