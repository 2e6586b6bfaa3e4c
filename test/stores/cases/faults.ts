import { Random } from "../../../local-cloud/support/random.ts";
import { type Report, requireNone } from "../../soak/report.ts";
import { Journal } from "../../soak/support/journal.ts";
import type { Fault, FaultProxy, Rates } from "../../support/faults/fault-proxy.ts";
import { audit } from "../audit.ts";
import type { Options } from "../options.ts";
import { type FaultyPlace, withFaultyPlace } from "../support/faulty.ts";
import { type Fleet, withFleet } from "../support/fleet.ts";
import { putLoad } from "../support/load.ts";
import { Witness } from "../support/witness.ts";

/** Maximum duration of a request in milliseconds while stores fail occasionally. */
const MAX_REQUEST_MILLISECONDS = 120_000;

/** Fault rates: about seven of a hundred requests to the store fail. A stall of S3 takes twenty seconds. */
const S3_RATES: Rates = {
  throttle: 0.015,
  error: 0.01,
  page: 0.005,
  reset: 0.01,
  lost: 0.01,
  cut: 0.01,
  "failed-200": 0.01,
  slow: 0.03,
  stall: 0.001,
  late: 0.001,
};
const DYNAMODB_RATES: Rates = {
  throttle: 0.02,
  error: 0.01,
  page: 0.005,
  reset: 0.01,
  lost: 0.015,
  cut: 0.01,
  partial: 0.1,
  slow: 0.02,
  stall: 0.003,
  late: 0.003,
};

interface Scenario {
  readonly name: string;
  readonly s3: Rates;
  readonly dynamo: Rates;
  readonly kills: boolean;
}

/** Scenarios. When more than a fifth of all calls fail, the SDK stops retrying, and a push rarely succeeds. */
const SCENARIOS: readonly Scenario[] = [
  { name: "S3 fails occasionally", s3: S3_RATES, dynamo: {}, kills: false },
  { name: "DynamoDB fails occasionally", s3: {}, dynamo: DYNAMODB_RATES, kills: false },
  { name: "both fail often", s3: times(2, S3_RATES), dynamo: times(2, DYNAMODB_RATES), kills: false },
  { name: "servers are killed", s3: {}, dynamo: {}, kills: true },
  { name: "both fail, and servers are killed", s3: S3_RATES, dynamo: DYNAMODB_RATES, kills: true },
];

/** Guarantees: nothing acknowledged is lost, no tag dangles, no digest has wrong bytes, and no request hangs. */
export async function runFaults(report: Report, { seed, quick }: Options): Promise<void> {
  for (const scenario of SCENARIOS) {
    await report.case(`faults: ${scenario.name}`, () => {
      const name = `${seed}/${scenario.name}`;
      return withFaultyPlace(name, (location) => play(scenario, location, name, quick ? 20_000 : 180_000));
    });
  }
}

async function play(
  { s3, dynamo, kills }: Scenario,
  location: FaultyPlace,
  seed: string,
  milliseconds: number,
): Promise<string> {
  const witness = new Witness({ mayCut: kills, limit: MAX_REQUEST_MILLISECONDS });
  const fleet = { location: location.faulty, redirect: false, size: kills ? 3 : 2, witness: witness.see };
  return await withFleet(fleet, async (running) => {
    const journal = new Journal();
    location.s3.rates = s3;
    location.dynamo.rates = dynamo;
    let isOver = false;
    const killing = kills ? running.killUntil(() => isOver, new Random(seed)) : Promise.resolve();
    const load = await putLoad({ url: running.url, journal, seed, milliseconds });
    isOver = true;
    await killing;
    location.s3.rates = {};
    location.dynamo.rates = {};
    const found = await audit(running.url, location.straight, journal);
    const problems = [...load.problems, ...witness.problems, ...found.problems];
    return requireNone(
      problems,
      [load.figures, witness.figures, faults(location), killed(running), found.figures].join("; "),
    );
  });
}

function faults({ s3, dynamo }: FaultyPlace): string {
  return `${total(s3)} faults of S3, ${total(dynamo)} of DynamoDB`;
}

function total({ counts }: FaultProxy): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function killed({ kills }: Fleet): string {
  return `${kills} servers killed`;
}

/** Multiplies the rates, except for stalls, which take long. */
function times(factor: number, rates: Rates): Rates {
  const stalls: readonly Fault[] = ["stall", "late"];
  const entries = Object.entries(rates).map(([fault, rate]) => {
    return [fault, stalls.some((stall) => stall === fault) ? rate : rate * factor] as const;
  });
  return Object.fromEntries(entries);
}
