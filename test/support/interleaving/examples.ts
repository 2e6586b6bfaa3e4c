import type { Story } from "./arbitraries.ts";
import type { Operation } from "./operations.ts";
import type { Choice } from "./turns.ts";

const UPLOADS = (["a", "b", "c"] as const).map((blob): Operation => ({ kind: "upload", name: "r1", blob }));

const PUSH: Operation = { kind: "push", name: "r1", manifest: "ab", tags: [], precondition: undefined };
const REMOVAL: Operation = { kind: "delete manifest", name: "r1", manifest: "ab" };

function turns(...choices: readonly (readonly [pick: number, calls: number])[]): readonly Choice[] {
  return choices.map(([pick, calls]) => ({ pick, calls, crash: false }));
}

/** Scenarios that failed in the past, which run first. */
export const EXAMPLES: readonly Story[] = [
  {
    // A deletion that has read the manifest pauses while another deletes the manifest and a push creates it again.
    setup: [...UPLOADS, PUSH],
    rounds: [{ operations: [PUSH, REMOVAL, PUSH, REMOVAL], choices: turns([1, 1], [2, 5], [0, 7]) }],
  },
];
