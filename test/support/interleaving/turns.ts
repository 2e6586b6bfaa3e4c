import { setImmediate } from "node:timers/promises";
import type { Around, Call } from "../around.ts";

/** Who goes on among those that wait, for how many calls, and whether it ends there as if it had been killed. */
export interface Choice {
  readonly pick: number;
  readonly calls: number;
  readonly crash: boolean;
  /** Whether time passes before. */
  readonly pause?: boolean;
}

type Outcome<T> =
  | { readonly status: "fulfilled"; readonly value: T }
  | { readonly status: "rejected"; readonly reason: unknown }
  | { readonly status: "crashed" };

/** Something that runs beside others, making all of its calls through the `around` that it is given. */
export type Actor<T> = (around: Around) => Promise<T>;

interface Waiting {
  readonly actor: number;
  readonly call: Call;
  /** Lets the call happen; the actor learns of it afterwards. */
  readonly happen: () => Promise<() => void>;
}

export interface Watch {
  readonly afterCall: (trace: readonly string[]) => Promise<void>;
  readonly passTime?: () => string;
}

export interface Course<T> {
  readonly outcomes: readonly Outcome<T>[];
  /** The calls in the order in which they happened, for people. */
  readonly trace: readonly string[];
}

/**
 * Runs actors side by side, one store call at a time, in the order that the choices say; when these are used up, the
 * first that waits is next. The same choices give the same course, so that a failure can be made small and repeated.
 * @param watch looks at the world after each call, and lets time pass, of which it tells
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
  const order = turnsOf(choices);
  await setImmediate();
  for (let last = -1; waiting.length > 0; ) {
    const { pick, crash, pause } = order(waiting.some(({ actor }) => actor === last));
    if (pause) trace.push(passTime());
    const next = take(waiting, pick === "same" ? waiting.findIndex(({ actor }) => actor === last) : pick);
    last = next.actor;
    const learn = await next.happen();
    trace.push(lineOf(next, crash));
    if (crash) outcomes.set(next.actor, { status: "crashed" });
    else learn();
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
      const happen = () =>
        run().then(
          (value) => () => resolve(value),
          (error: unknown) => () => reject(error),
        );
      waiting.push({ actor: index, call, happen });
    });
  actor(around).then(
    (value) => outcomes.set(index, { status: "fulfilled", value }),
    (reason: unknown) => outcomes.set(index, { status: "rejected", reason }),
  );
}

interface Turn {
  readonly pick: number | "same";
  readonly crash: boolean;
  readonly pause: boolean;
}

/** Spreads choices over single calls. @returns what says who is next, given whether the last one waits again */
function turnsOf(choices: readonly Choice[]): (canGoOn: boolean) => Turn {
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
  if (next === undefined) throw new Error("nobody waits");
  return next;
}

/** Those of an actor's calls that were under way when it ended do not happen. */
function dropAll(waiting: Waiting[], actor: number): void {
  const others = waiting.filter((item) => item.actor !== actor);
  waiting.splice(0, waiting.length, ...others);
}

function outcomeOf<T>(outcome: Outcome<T> | undefined, actor: number, trace: readonly string[]): Outcome<T> {
  if (outcome !== undefined) return outcome;
  throw new Error(`actor ${actor} waits for something that never comes:\n${trace.join("\n")}`);
}

function lineOf({ actor, call }: Waiting, crash: boolean): string {
  return `${actor}: ${call.store}.${call.method} ${call.about}${crash ? " -- and is killed" : ""}`;
}
