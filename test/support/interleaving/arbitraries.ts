import fc from "fast-check";
import type { Operation } from "./operations.ts";
import type { Round } from "./rounds.ts";
import {
  BLOB_CHILDREN,
  BLOBS,
  type BlobLabel,
  CHILDREN,
  type ManifestLabel,
  NAMES,
  type Name,
  NEEDS,
  TAGS,
} from "./world.ts";

/** Scenario of sequential setup and concurrent rounds. */
export interface Scenario {
  /** Operations that run first, sequentially. */
  readonly setup: readonly Operation[];
  readonly rounds: readonly Round[];
}

/**
 * Returns scenarios of some manifests. Most operations of one concern a single manifest and its dependencies, because
 * otherwise they would rarely conflict.
 */
export function scenariosOf(manifests: readonly ManifestLabel[]): fc.Arbitrary<Scenario> {
  return fc.constantFrom(...manifests).chain((focus) => {
    const manifest = mostly(fc.constant(focus), fc.constantFrom(...CHILDREN[focus], ...manifests));
    const blob = mostly(fc.constantFrom(...needsOf(focus)), fc.constantFrom(...BLOBS));
    return fc.record({
      setup: setupOf(manifest),
      rounds: fc.array(
        fc.oneof(
          { weight: 2, arbitrary: roundOf(operationOf(manifest, blob)) },
          {
            weight: 1,
            arbitrary: interruptedRoundOf(manifest, blob),
          },
        ),
        { minLength: 1, maxLength: 3 },
      ),
    });
  });
}

function needsOf(manifest: ManifestLabel): readonly BlobLabel[] {
  const blobs = [...NEEDS[manifest], ...BLOB_CHILDREN[manifest]];
  return blobs.length === 0 ? BLOBS : blobs;
}

function mostly<T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: other });
}

const name = mostly<Name>(fc.constant("r1"), fc.constantFrom(...NAMES));
const tag = fc.constantFrom(...TAGS);
const tags = fc.subarray([...TAGS]);
const precondition = mostly<"absent" | "present" | undefined>(
  fc.constant(undefined),
  fc.constantFrom("absent", "present"),
);

function operationOf(
  manifest: fc.Arbitrary<ManifestLabel>,
  blob: fc.Arbitrary<BlobLabel>,
): fc.Arbitrary<Operation> {
  const from = fc.option(fc.constantFrom(...NAMES), { nil: undefined });
  return fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: kind("push"), name, manifest, tags, precondition }) },
    { weight: 4, arbitrary: fc.record({ kind: kind("delete manifest"), name, manifest }) },
    { weight: 4, arbitrary: fc.record({ kind: kind("delete blob"), name, blob }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("upload"), name, blob }) },
    { weight: 2, arbitrary: fc.record({ kind: kind("mount"), name, blob, from }) },
    { weight: 2, arbitrary: fc.record({ kind: kind("delete tag"), name, tag }) },
    { weight: 1, arbitrary: fc.record({ kind: kind("get"), name, tag }) },
  );
}

function deletionOf(
  manifest: fc.Arbitrary<ManifestLabel>,
  blob: fc.Arbitrary<BlobLabel>,
): fc.Arbitrary<Operation> {
  return fc.oneof(
    fc.record({ kind: kind("delete manifest"), name, manifest }),
    fc.record({ kind: kind("delete blob"), name, blob }),
    fc.record({ kind: kind("delete tag"), name, tag }),
  );
}

function kind<Kind extends Operation["kind"]>(value: Kind): fc.Arbitrary<Kind> {
  return fc.constant(value);
}

const UPLOADS = BLOBS.map((blob): Operation => ({ kind: "upload", name: "r1", blob }));

/** Returns an empty setup, or all blobs and some manifests. */
function setupOf(manifest: fc.Arbitrary<ManifestLabel>): fc.Arbitrary<readonly Operation[]> {
  const push = fc.record({
    kind: kind("push"),
    name: fc.constant<Name>("r1"),
    manifest,
    tags,
    precondition: fc.constant(undefined),
  });
  const pushes = fc.array(push, { maxLength: 3 }).map((some) => [...UPLOADS, ...some]);
  return fc.oneof({ weight: 1, arbitrary: fc.constant([]) }, { weight: 8, arbitrary: pushes });
}

/** Short and long sequences of calls: some errors require that one actor pauses while another makes many calls. */
const choice = fc.record({
  pick: fc.nat(3),
  calls: fc.integer({ min: 1, max: 9 }),
  crash: seldom(20),
  late: fc.boolean(),
  repeat: seldom(8),
  pause: seldom(20),
});

function seldom(times: number): fc.Arbitrary<boolean> {
  return fc.nat(times).map((number) => number === times);
}

/** Returns rounds of few different operations, so that several actors often run the same one. */
function roundOf(operation: fc.Arbitrary<Operation>): fc.Arbitrary<Round> {
  const palette = fc.array(operation, { minLength: 1, maxLength: 4, size: "max" });
  const picks = fc.array(fc.nat(3), { minLength: 2, maxLength: 4, size: "max" });
  return fc.record({
    operations: fc
      .tuple(palette, picks)
      .map(([some, chosen]) => chosen.flatMap((pick) => some.at(pick % some.length) ?? [])),
    choices: fc.array(choice, { maxLength: 30, size: "max" }),
  });
}

/** Returns requests that rely on the target of a deletion. */
function relianceOn(deletion: Operation, manifest: fc.Arbitrary<ManifestLabel>): fc.Arbitrary<Operation> {
  const common = { name: fc.constant(deletion.name), precondition: fc.constant(undefined) };
  if (deletion.kind === "delete blob") {
    const from = fc.constantFrom(deletion.name, undefined);
    return fc.record({ kind: kind("mount"), name: common.name, blob: fc.constant(deletion.blob), from });
  }
  const named = deletion.kind === "delete tag" ? fc.constant([deletion.tag]) : tags;
  return fc.record({ kind: kind("push"), ...common, manifest, tags: named });
}

/** Returns rounds in which a deletion begins first, and its client is killed during a write, or one of its writes is repeated. */
function interruptedRoundOf(
  manifest: fc.Arbitrary<ManifestLabel>,
  blob: fc.Arbitrary<BlobLabel>,
): fc.Arbitrary<Round> {
  const fault = fc.constantFrom({ crash: true, late: true }, { crash: false, repeat: true });
  const first = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fault)
    .map(([calls, effect]) => ({ pick: 0, calls, ...effect }));
  return deletionOf(manifest, blob).chain((deletion) => {
    const other = fc.oneof(operationOf(manifest, blob), relianceOn(deletion, manifest));
    return fc.record({
      operations: fc.array(other, { minLength: 1, maxLength: 2 }).map((others) => [deletion, ...others]),
      choices: fc.tuple(first, fc.array(choice, { maxLength: 10 })).map(([begin, rest]) => [begin, ...rest]),
    });
  });
}
