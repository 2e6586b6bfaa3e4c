import { setImmediate } from "node:timers/promises";
import type { Call, Interceptor } from "../interceptor.ts";

/** Selection of the next call among those that wait, the number of calls of its actor, and whether it is killed after them. */
export interface Choice {
  readonly pick: number;
  readonly calls: number;
  readonly crash: boolean;
  /** Whether the last of the calls of a killed actor, if it is a write, is still under way: it waits, and is made later. */
  readonly late?: boolean;
  /** Whether the last of the calls, if it is a write that may be repeated, waits to be made once more. */
  readonly repeat?: boolean;
  /** Whether time passes first. */
  readonly pause?: boolean;
}

type Outcome<T> =
  | { readonly status: "fulfilled"; readonly value: T }
  | { readonly status: "rejected"; readonly reason: unknown }
  | { readonly status: "crashed" };

/** Concurrent task, which makes all of its calls through the given interceptor. */
export type Actor<T> = (around: Interceptor) => Promise<T>;

interface Waiting {
  /** Actor that waits for the result; undefined for a late or repeated write. */
  readonly actor: number | undefined;
  readonly call: Call;
  /** Makes the call, and returns a function that passes the result to the actor. */
  readonly perform: () => Promise<() => void>;
}

/** Callbacks of a schedule. */
export interface ScheduleCallbacks {
  readonly afterCall: (trace: readonly string[]) => Promise<void>;
  readonly passTime?: () => string;
  /** Returns whether a call may be made once more later, as by a retry whose first attempt was delayed. */
  readonly isRepeatable?: (call: Call) => boolean;
}

/** Time of an actor's first call, and of its end, as numbers of calls; a killed actor ends when it is killed. */
interface Span {
  readonly began: number;
  readonly ended: number;
}

/** Result of a schedule. */
export interface Schedule<T> {
  readonly outcomes: readonly Outcome<T>[];
  readonly spans: readonly Span[];
  /** Calls in the order in which they were made, for error messages. */
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
  { afterCall, passTime = () => "time passes", isRepeatable = () => false }: ScheduleCallbacks,
): Promise<Schedule<T>> {
  const waiting: Waiting[] = [];
  const outcomes = new Map<number, Outcome<T>>();
  const spans = actors.map(() => ({ began: 0, ended: Number.POSITIVE_INFINITY }));
  for (const [index, actor] of actors.entries()) start(actor, index, waiting, outcomes);
  const trace: string[] = [];
  const order = expandChoices(choices);
  await setImmediate();
  for (let last: number | undefined, time = 1; waiting.length > 0; time++) {
    const canGoOn = last !== undefined && waiting.some(({ actor }) => actor === last);
    const { pick, crash, late, repeat, pause } = order(canGoOn);
    if (pause) trace.push(passTime());
    const next = take(waiting, pick === "same" ? waiting.findIndex(({ actor }) => actor === last) : pick);
    const actor = next.actor;
    last = actor;
    const isKilled = crash && actor !== undefined;
    const isLate = isKilled && late && isWrite(next.call);
    const isRepeated = repeat && actor !== undefined && isRepeatable(next.call);
    const deliverResult = isLate ? undefined : await next.perform();
    trace.push(`${lineOf(next)}${isKilled ? " -- killed" : ""}${isLate ? ", before the write is made" : ""}`);
    if (isKilled) outcomes.set(actor, { status: "crashed" });
    else if (actor !== undefined) deliverResult?.();
    await setImmediate();
    if (isKilled) dropAll(waiting, actor);
    if (isLate || isRepeated) waiting.push({ ...next, actor: undefined });
    recordSpans(spans, outcomes, actor, time);
    await afterCall(trace);
  }
  return { outcomes: actors.map((_, index) => outcomeOf(outcomes.get(index), index, trace)), spans, trace };
}

function recordSpans<T>(
  spans: { began: number; ended: number }[],
  outcomes: ReadonlyMap<number, Outcome<T>>,
  actor: number | undefined,
  time: number,
): void {
  for (const [index, span] of spans.entries()) {
    if (index === actor && span.began === 0) span.began = time;
    if (outcomes.has(index)) span.ended = Math.min(span.ended, time);
  }
}

function start<T>(
  actor: Actor<T>,
  index: number,
  waiting: Waiting[],
  outcomes: Map<number, Outcome<T>>,
): void {
  const around: Interceptor = (call, run) =>
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
  readonly late: boolean;
  readonly repeat: boolean;
  readonly pause: boolean;
}

/** Expands choices to single calls. @returns a function that selects the next actor, given whether the last one can continue */
function expandChoices(choices: readonly Choice[]): (canGoOn: boolean) => Step {
  const order = choices[Symbol.iterator]();
  let left = 0;
  let choice: Choice = { pick: 0, calls: 1, crash: false };
  const step = (pick: Step["pick"], pause: boolean): Step => {
    const isLast = left === 0;
    const { crash, late = false, repeat = false } = choice;
    return { pick, crash: isLast && crash, late, repeat: isLast && repeat, pause };
  };
  return (canGoOn) => {
    if (left > 0 && canGoOn) {
      left--;
      return step("same", false);
    }
    choice = order.next().value ?? { pick: 0, calls: 1, crash: false };
    left = choice.calls - 1;
    return step(choice.pick, choice.pause ?? false);
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

function isWrite({ store, method }: Call): boolean {
  return store === "records" && method === "write";
}

function outcomeOf<T>(outcome: Outcome<T> | undefined, actor: number, trace: readonly string[]): Outcome<T> {
  if (outcome !== undefined) return outcome;
  throw new Error(`actor ${actor} waits forever:\n${trace.join("\n")}`);
}

function lineOf({ actor, call }: Waiting): string {
  return `${actor ?? "late"}: ${call.store}.${call.method} ${call.about}`;
}
