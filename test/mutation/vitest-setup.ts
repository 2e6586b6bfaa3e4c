import { afterEach, beforeEach, inject } from "vitest";
import { type Recorded, SWITCH, SWITCH_MODE } from "./instrument/switch.ts";

const { active } = inject(SWITCH_MODE);

/** Number of evaluations of the active mutation after which the program is considered to be in an infinite loop. */
const MAX_EVALUATIONS = 1_000_000;

Object.assign(globalThis, { [SWITCH]: active === undefined ? record() : activate(active) });

function activate(active: number): (id: number) => boolean {
  let evaluations = 0;
  return (id) => {
    if (id !== active) return false;
    evaluations += 1;
    if (evaluations > MAX_EVALUATIONS) throw new Error("the mutant is in an infinite loop");
    return true;
  };
}

/** Records for each test which mutations it reaches, and which were reached outside of tests since the test before. */
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
