import { setImmediate } from "node:timers/promises";
import type { Around, Call } from "../around.ts";

/** Selection of the next actor among those that wait, the number of its calls, and whether it is killed after them. */
export interface Choice {
  readonly pick: number;
  readonly calls: number;
  readonly crash: boolean;
  /** Whether time passes first. */
  readonly pause?: boolean;
}

type Outcome<T> =
  | { readonly status: "fulfilled"; readonly value: T }
  | { readonly status: "rejected"; readonly reason: unknown }
  | { readonly status: "crashed" };

/** Concurrent task, which makes all of its calls through the given interceptor. */
export type Actor<T> = (around: Around) => Promise<T>;

interface Waiting {
  readonly actor: number;
  readonly call: Call;
  /** Makes the call, and returns a function that passes the result to the actor. */
  readonly perform: () => Promise<() => void>;
}

/** Callbacks of a schedule. */
export interface Watch {
  readonly afterCall: (trace: readonly string[]) => Promise<void>;
  readonly passTime?: () => string;
}

/** Result of a schedule. */
export interface Course<T> {
  /** Calls in the order in which they were made, for error messages. */
  readonly outcomes: readonly Outcome<T>[];
  readonly trace: readonly string[];
}

/**
 * Runs actors concurrently, one store call at a time, in the order of the choices; after these, the first waiting
 * actor is next. The same choices give the same schedule, so that a failure can be minimized and repeated.
 * @param watch verifies the state after each call, and advances the time, which it describes
 */
export async function interleave<T>(
  actors: readonly Actor<T>[],
  choices: readonly Choice[],
  { afterCall, passTime = () => "time passes" }: Watch,
): Promise<Course<T>> {
  const waiting: Waiting[] = [];
  const outcomes = new Map<number, Outcome<T>>();
  for (const [index, actor] of actors.entries()) start(actor, index, waiting, outcomes);
  const trace: string[] = [];
  const order = expandChoices(choices);
  await setImmediate();
  for (let last = -1; waiting.length > 0; ) {
    const { pick, crash, pause } = order(waiting.some(({ actor }) => actor === last));
    if (pause) trace.push(passTime());
    const next = take(waiting, pick === "same" ? waiting.findIndex(({ actor }) => actor === last) : pick);
    last = next.actor;
    const deliverResult = await next.perform();
    trace.push(lineOf(next, crash));
    if (crash) outcomes.set(next.actor, { status: "crashed" });
    else deliverResult();
    await setImmediate();
    if (crash) dropAll(waiting, next.actor);
    await afterCall(trace);
  }
  return { outcomes: actors.map((_, index) => outcomeOf(outcomes.get(index), index, trace)), trace };
}

function start<T>(
  actor: Actor<T>,
  index: number,
  waiting: Waiting[],
  outcomes: Map<number, Outcome<T>>,
): void {
  const around: Around = (call, run) =>
    new Promise((resolve, reject) => {
      const perform = () =>
        run().then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error),
        );
      waiting.push({ actor: index, call, perform });
    });
  actor(around).then(
    (value) => outcomes.set(index, { status: "fulfilled", value }),
    (reason: unknown) => outcomes.set(index, { status: "rejected", reason }),
  );
}

interface Step {
  readonly pick: number | "same";
  readonly crash: boolean;
  readonly pause: boolean;
}

/** Expands choices to single calls. @returns a function that selects the next actor, given whether the last one can continue */
function expandChoices(choices: readonly Choice[]): (canGoOn: boolean) => Step {
  const order = choices[Symbol.iterator]();
  let left = 0;
  let crash = false;
  return (canGoOn) => {
    if (left > 0 && canGoOn) return { pick: "same", crash: --left === 0 && crash, pause: false };
    const choice = order.next().value ?? { pick: 0, calls: 1, crash: false };
    left = choice.calls - 1;
    crash = choice.crash;
    return { pick: choice.pick, crash: left === 0 && crash, pause: choice.pause ?? false };
  };
}

function take(waiting: Waiting[], pick: number): Waiting {
  const [next] = waiting.splice(pick % waiting.length, 1);
  if (next === undefined) throw new Error("no actor is waiting");
  return next;
}

/** Drops the pending calls of a killed actor. */
function dropAll(waiting: Waiting[], actor: number): void {
  const others = waiting.filter((item) => item.actor !== actor);
  waiting.splice(0, waiting.length, ...others);
}

function outcomeOf<T>(outcome: Outcome<T> | undefined, actor: number, trace: readonly string[]): Outcome<T> {
  if (outcome !== undefined) return outcome;
  throw new Error(`actor ${actor} waits forever:\n${trace.join("\n")}`);
}

function lineOf({ actor, call }: Waiting, crash: boolean): string {
  return `${actor}: ${call.store}.${call.method} ${call.about}${crash ? " -- killed" : ""}`;
}
