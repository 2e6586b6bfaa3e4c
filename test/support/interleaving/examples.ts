import type { Scenario } from "./arbitraries.ts";
import type { Operation } from "./operations.ts";
import type { Choice } from "./schedule.ts";
import type { ManifestLabel, TagLabel } from "./world.ts";

const UPLOADS = (["a", "b", "c"] as const).map((blob): Operation => ({ kind: "upload", name: "r1", blob }));

function push(manifest: ManifestLabel, ...tags: readonly TagLabel[]): Operation {
  return { kind: "push", name: "r1", manifest, tags, precondition: undefined };
}

const PUSH = push("ab");
const REMOVAL: Operation = { kind: "delete manifest", name: "r1", manifest: "ab" };
const BLOB_REMOVAL: Operation = { kind: "delete blob", name: "r1", blob: "a" };
const TAG_REMOVAL: Operation = { kind: "delete tag", name: "r1", tag: "t1" };

/** Number of calls that exceeds those of any operation. */
const ALL_CALLS = 99;

function turns(...choices: readonly (readonly [pick: number, calls: number])[]): readonly Choice[] {
  return choices.map(([pick, calls]) => ({ pick, calls, crash: false }));
}

/** Lets the first operation make some calls, and then the second one all of its calls. */
function interrupted(calls: number, fault: Partial<Choice> = {}): readonly Choice[] {
  return [
    { pick: 0, calls, crash: false, ...fault },
    { pick: 0, calls: ALL_CALLS, crash: false },
  ];
}

/** The client is killed while its last write is under way, which is made after the other operation. */
const LATE: Partial<Choice> = { crash: true, late: true };

/** Scenarios that failed in the past, which run first. */
export const EXAMPLES: readonly Scenario[] = [
  {
    // A deletion that has read the manifest pauses while another deletes the manifest and a push creates it again.
    setup: [...UPLOADS, PUSH],
    rounds: [{ operations: [PUSH, REMOVAL, PUSH, REMOVAL], choices: turns([1, 1], [2, 5], [0, 7]) }],
  },
  {
    // A deletion has found no manifest that depends on a blob when an index of blobs is pushed.
    setup: UPLOADS,
    rounds: [{ operations: [BLOB_REMOVAL, push("cache")], choices: interrupted(3) }],
  },
  {
    // The last write of an interrupted deletion follows a mount within the repository.
    setup: UPLOADS,
    rounds: [
      {
        operations: [BLOB_REMOVAL, { kind: "mount", name: "r1", blob: "a", from: "r1" }],
        choices: interrupted(4, LATE),
      },
    ],
  },
  {
    // The write of an interrupted deletion of a tag follows a push of the same tag and manifest.
    setup: [...UPLOADS, push("ab", "t1")],
    rounds: [{ operations: [TAG_REMOVAL, push("ab", "t1")], choices: interrupted(2, LATE) }],
  },
  {
    // A deletion of a tag is repeated after a push of the same tag and manifest.
    setup: [...UPLOADS, push("ab", "t1")],
    rounds: [{ operations: [TAG_REMOVAL, push("ab", "t1")], choices: interrupted(2, { repeat: true }) }],
  },
  {
    // A move of a tag is repeated after the tag has moved back.
    setup: [...UPLOADS, push("ab"), push("ac", "t1")],
    rounds: [{ operations: [push("ab", "t1"), push("ac", "t1")], choices: interrupted(3, { repeat: true }) }],
  },
];
