import { cleanUpOnSignals } from "../soak/cleanup.ts";
import { type Equivalent, readEquivalents } from "./equivalents.ts";
import { judge } from "./judge.ts";
import type { Module } from "./modules.ts";
import { parseOptions } from "./options.ts";
import { runModule, selectSample } from "./run-module.ts";
import { runClauses } from "./spec/run-clauses.ts";

cleanUpOnSignals();
const options = parseOptions();
const { passed, failures } = options.spec ? await runClauses(options) : await examineModules();
if (!options.list) console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function examineModules() {
  const verdicts = [];
  for (const module of options.modules) verdicts.push(await examine(module));
  return {
    passed: verdicts.reduce((sum, verdict) => sum + verdict.killed + verdict.equivalent, 0),
    failures: verdicts.flatMap((verdict) => verdict.failures),
  };
}

async function examine(module: Module) {
  const { all, chosen } = await selectSample(module, options);
  if (options.list) {
    for (const { file, line, key } of chosen) console.log(`${file}:${line} ${key}`);
    return { killed: 0, equivalent: 0, failures: [] };
  }
  const equivalents: readonly Equivalent[] = await readEquivalents(module.name);
  const judged = await runModule(module, options, chosen);
  const verdict = judge(judged, equivalents, new Set(all.map(({ key }) => key)));
  for (const failure of verdict.failures) console.log(`${module.name}: FAILED, ${failure}`);
  const { killed, timeouts, equivalent, survived } = verdict;
  console.log(
    `${module.name}: seed ${options.seed}, ${judged.length} of ${all.length} mutants: ${killed} killed (${timeouts} by the time limit), ` +
      `${equivalent} equivalent, ${survived} survived`,
  );
  return verdict;
}
