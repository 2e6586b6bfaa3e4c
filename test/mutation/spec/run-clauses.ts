import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clause, clausesOf, SPEC_URL } from "../../support/spec/clauses.ts";
import { quotesIn } from "../../support/spec/quotes.ts";
import type { Options } from "../options.ts";
import { Checkout } from "./checkout.ts";
import { removeBelow } from "./removal.ts";
import { runTest, type TestRun } from "./run-test.ts";

/** Verdict on the sentences of the spec, which passes without failures. */
export interface ClauseVerdict {
  readonly passed: number;
  readonly failures: readonly string[];
}

type EnforcedClause = Clause & { readonly enforcement: NonNullable<Clause["enforcement"]> };

/** Results with all lines in place, by test, because several sentences share a test. */
type Baselines = Map<string, TestRun>;

/** Removes the line that enforces each sentence of docs/spec.md in turn, and requires its test to fail. */
export async function runClauses({
  workers,
  only,
  list,
}: Pick<Options, "workers" | "only" | "list">): Promise<ClauseVerdict> {
  const clauses = (await readRemovable()).filter((clause) => nameOf(clause).includes(only));
  if (list) {
    for (const clause of clauses) console.log(nameOf(clause));
    return { passed: 0, failures: [] };
  }
  const pending = [...clauses];
  const failures: string[] = [];
  const baselines: Baselines = new Map();
  const work = async () => {
    const checkout = await Checkout.create();
    try {
      for (let clause = pending.shift(); clause !== undefined; clause = pending.shift()) {
        const problem = await examine(checkout, clause, baselines);
        if (problem !== undefined) failures.push(`${problem}: ${nameOf(clause)}`);
        console.log(`spec: ${problem ?? "killed"}: ${nameOf(clause)}`);
      }
    } finally {
      await checkout.dispose();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, clauses.length) }, work));
  return { passed: clauses.length - failures.length, failures };
}

async function readRemovable(): Promise<readonly EnforcedClause[]> {
  const page = await readFile(join(import.meta.dirname, "../../../docs/spec.md"), "utf8");
  return clausesOf(page)
    .filter((clause): clause is EnforcedClause => clause.enforcement !== undefined)
    .filter(({ note }) => !note.startsWith("Not removable"));
}

function nameOf({ anchor, sentence, enforcement }: EnforcedClause): string {
  return `${enforcement.file} ${enforcement.scope} #${anchor}: ${sentence}`;
}

/** Checks one sentence. @returns the problem, or undefined when the test passes with the line and fails without it */
async function examine(
  checkout: Checkout,
  clause: EnforcedClause,
  baselines: Baselines,
): Promise<string | undefined> {
  const { file, testFile, testTitle } = clause.enforcement;
  const run = async () => await runTest(checkout, testFile, testTitle);
  const key = `${testFile} ${testTitle}`;
  const before = baselines.get(key) ?? (await run());
  baselines.set(key, before);
  if (before.passed === 0 || before.failed > 0) return "the test does not pass with the line";
  const after = await checkout.withChange(file, (text) => removeBelow(text, lineOf(text, clause)), run);
  return after.failed > 0 || after.isBroken ? undefined : "the test passes without the line";
}

function lineOf(text: string, { anchor, sentence, enforcement }: EnforcedClause): number {
  const quote = quotesIn(text).find(
    ({ scope, link, ...quote }) =>
      quote.sentence === sentence && link === `${SPEC_URL}#${anchor}` && scope === enforcement.scope,
  );
  if (quote === undefined) throw new Error(`${enforcement.file} does not quote: ${sentence}`);
  return quote.enforcedAt;
}
