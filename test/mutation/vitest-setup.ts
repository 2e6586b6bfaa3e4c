import { afterEach, beforeEach, inject } from "vitest";
import { type Recorded, SWITCH, SWITCH_MODE } from "./switch.ts";

const { active } = inject(SWITCH_MODE);

/** Evaluations of the active mutation after which the program is assumed to be in an infinite loop. */
const MAX_HITS = 1_000_000;

Object.assign(globalThis, { [SWITCH]: active === undefined ? record() : activate(active) });

function activate(active: number): (id: number) => boolean {
  let hits = 0;
  return (id) => {
    if (id !== active) return false;
    hits += 1;
    if (hits > MAX_HITS) throw new Error("the mutant loops without end");
    return true;
  };
}

/** Records for each test which mutations it reaches, and which ones were reached outside of tests since the previous one. */
function record(): (id: number) => boolean {
  let outside = new Set<number>();
  let reached = outside;
  beforeEach(({ task }) => {
    if (task.concurrent !== true) reached = new Set();
  });
  afterEach(({ task }) => {
    const inside = reached === outside ? [] : [...reached];
    Object.assign(task.meta, { recorded: { inside, outside: [...outside] } satisfies Recorded });
    outside = new Set();
    reached = outside;
  });
  return (id) => {
    reached.add(id);
    return false;
  };
}
