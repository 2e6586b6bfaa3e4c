import type { RegistryContext } from "../../../lib/registry/registry-context.ts";
import type { Call } from "../interceptor.ts";
import { type Clock, withInterceptor } from "../memory.ts";
import { lostChildren, type Stores, violations } from "./invariants.ts";
import { type Event, factsOf, isExplained } from "./model.ts";
import { type Operation, perform } from "./operations.ts";
import { type RepositoryRecords, readRepository } from "./repository.ts";
import { type Choice, interleave, type Schedule } from "./schedule.ts";
import { labelOf, NAMES, repositoryName } from "./world.ts";

/** Number of seconds by which a pause advances the clock. */
export const HOUR_SECONDS = 3600;

/** Stores and clock of a registry under test. */
export interface World extends Stores {
  readonly clock: Clock;
}

/** Concurrent operations, and the order of their calls. */
export interface Round {
  readonly operations: readonly Operation[];
  readonly choices: readonly Choice[];
}

/**
 * Runs a round against the given stores. Verifies the invariants after each call, and the responses at the end.
 * @param world the registry's own stores, for direct access, and its clock
 * @throws Error that lists the calls in order, if a verification fails
 */
export async function runRound(
  registry: RegistryContext,
  world: World,
  round: Round,
): Promise<readonly Event[]> {
  const before = await readWorld(world);
  let last = before;
  const actors = round.operations.map(
    (operation) => (around: Parameters<typeof withInterceptor>[1]) =>
      perform(withInterceptor(registry, around), operation),
  );
  const afterCall = async (trace: readonly string[]) => {
    const now = await readWorld(world);
    throwIfAny(await problemsOf(world, last, now), round, trace);
    last = now;
  };
  const passTime = () => {
    world.clock.advance(HOUR_SECONDS);
    return "-- an hour passes";
  };
  const schedule = await interleave(actors, round.choices, { afterCall, passTime, isRepeatable });
  const events = eventsOf(round, schedule);
  const isConsistent = isExplained(factsOf(before), events, factsOf(last));
  throwIfAny(isConsistent ? [] : describeInconsistency(before, events, last), round, schedule.trace);
  return events;
}

/**
 * Returns whether a write must have no effect when it is made a second time: it deletes or moves tags. A link of a blob, and a
 * push that creates a tag of an existing manifest, do have one (docs/architecture.md#removal).
 */
function isRepeatable({ store, method, about }: Call): boolean {
  if (store !== "records" || method !== "write") return false;
  return /(put|remove) repo#\S+ tag#/.test(about) && !about.includes('if "absent"');
}

/** Reads the records of all repositories. */
export async function readWorld({ records }: Stores): Promise<readonly RepositoryRecords[]> {
  return await Promise.all(NAMES.map((name) => readRepository(records, repositoryName(name))));
}

async function problemsOf(
  stores: Stores,
  before: readonly RepositoryRecords[],
  now: readonly RepositoryRecords[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [index, repository] of now.entries()) {
    const earlier = before[index];
    if (earlier !== undefined) found.push(...lostChildren(earlier, repository));
    found.push(...(await violations(stores, repository)));
  }
  return found;
}

function eventsOf(
  { operations, choices }: Round,
  { outcomes, spans, trace }: Schedule<string>,
): readonly Event[] {
  return operations.map((operation, index) => {
    const outcome = outcomes[index];
    const { began, ended } = spans[index] ?? { began: 0, ended: 0 };
    if (outcome?.status !== "rejected")
      return {
        operation,
        response: outcome?.status === "fulfilled" ? outcome.value : undefined,
        began,
        ended,
      };
    throw failure(
      [`${describeOperation(operation)} failed with ${outcome.reason}`],
      { operations, choices },
      trace,
      outcome.reason,
    );
  });
}

function describeInconsistency(
  before: readonly RepositoryRecords[],
  events: readonly Event[],
  after: readonly RepositoryRecords[],
): readonly string[] {
  const responses = events.map(
    ({ operation, response }) => `  ${describeOperation(operation)}: ${response ?? "killed"}`,
  );
  return [
    "no order of the operations explains the responses and the final state",
    `before: ${[...factsOf(before)].join(", ")}`,
    ...responses,
    `after: ${[...factsOf(after)].join(", ")}`,
  ];
}

function throwIfAny(problems: readonly string[], round: Round, trace: readonly string[]): void {
  if (problems.length > 0) throw failure(problems, round, trace);
}

function failure(
  problems: readonly string[],
  { operations }: Round,
  trace: readonly string[],
  cause?: unknown,
): Error {
  const actors = operations.map((operation, index) => `${index} is ${describeOperation(operation)}`);
  const text = ["", ...problems, ...actors, ...trace].join("\n");
  return new Error(text.replaceAll(/sha256:[0-9a-f]{64}/g, labelOf), { cause });
}

function describeOperation(operation: Operation): string {
  return Object.values(operation)
    .filter((part) => part !== undefined)
    .join(" ");
}
