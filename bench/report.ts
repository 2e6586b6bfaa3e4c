import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";
import { run } from "./command.ts";
import type { Effort } from "./measure.ts";

/** Parses the number of rounds. @throws Error when it is not a positive integer */
export function parseRounds(text: string | undefined, quick: boolean): number {
  const rounds = Number(text ?? (quick ? 1 : 3));
  if (Number.isInteger(rounds) && rounds >= 1) return rounds;
  throw new Error(`--rounds ${text}: not a positive integer`);
}

/** Describes the rounds for the line below the table. */
export function describeRounds(rounds: number, effort: Effort): readonly string[] {
  return [
    `${rounds} rounds: medians (lowest-highest); ${effort.connections} connections kept alive;`,
    `layers of ${effort.layerBytes / 2 ** 20} MiB.`,
  ];
}

/** Describes the measurement and the machine in one line. */
export async function describeMachine(about: readonly string[]): Promise<string> {
  const go = (await run("go", ["env", "GOVERSION"])).trim();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return [
    ...about,
    `${cpus()[0]?.model ?? "?"}, ${availableParallelism()} cores,`,
    `${memory} GiB, Linux ${release()}, Node ${process.versions.node}, ${go}; load average at the start`,
    `${loadavg()[0]?.toFixed(2)}. ${new Date().toISOString().slice(0, 10)}.`,
  ].join(" ");
}

/** Prints a warning on a busy machine, where ratios favour servers that use fewer cores. */
export function warnIfBusy(): void {
  const load = loadavg()[0] ?? 0;
  if (load < availableParallelism() / 2) return;
  process.stderr.write(
    `\nTHE MACHINE IS BUSY (load average ${load.toFixed(1)}): figures not to be published\n\n`,
  );
}

/** Writes to standard output, and to a file if one is given. */
export async function publish(lines: readonly string[], file: string | undefined): Promise<void> {
  const text = [...lines, ""].join("\n");
  process.stdout.write(text);
  if (file !== undefined) await writeFile(file, text);
}
