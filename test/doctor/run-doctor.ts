import { randomBytes } from "node:crypto";
import { type DoctorOptions, diagnose, exitCodeOf, type Result } from "../../lib/doctor/doctor.ts";
import { parseRepositoryName } from "../../lib/oci/repository-name.ts";

/** The results of a run of the doctor. */
export interface DoctorRun {
  readonly results: readonly Result[];
  readonly exitCode: number;
  /** Names of the checks with this status. */
  names(status: Result["status"]): readonly string[];
  /** Result of a check. @throws Error if it did not run */
  result(name: string): Result;
}

/** Runs the doctor in this process, with small bodies by default. */
export async function runDoctor(url: string, options: Partial<DoctorOptions> = {}): Promise<DoctorRun> {
  const report = await diagnose({
    base: new URL(url),
    repository: parseRepositoryName(`doctor/${randomBytes(6).toString("hex")}`),
    size: 1_000_000,
    timeout: 15,
    now: () => new Date(),
    random: randomBytes,
    signal: new AbortController().signal,
    onResult: () => undefined,
    onSent: () => undefined,
    ...options,
  });
  const { results } = report;
  return {
    results,
    exitCode: exitCodeOf(report),
    names: (status) => results.filter((result) => result.status === status).map(({ name }) => name),
    result: (expected) => {
      const found = results.find(({ name }) => name === expected);
      if (found === undefined) throw new Error(`no result of ${expected}`);
      return found;
    },
  };
}
