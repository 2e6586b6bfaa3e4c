import { Client } from "../client/client.ts";
import type { Credentials } from "../client/registry-authenticator.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import type { Check } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { CheckContext } from "./context/check-context.ts";
import { CleanupList } from "./context/cleanup-list.ts";
import { translateClientError } from "./findings/client-failure.ts";
import {
  CheckFailure,
  type Finding,
  MissingCredentials,
  skipped,
  skippedWithoutCredentials,
  UnmetPrerequisite,
  Unreachable,
} from "./findings/finding.ts";
import { redact } from "./redact.ts";

/** Options of a run. */
export interface DoctorOptions {
  /** Base URL of the registry. */
  readonly base: URL;
  /** Repository that the checks push to. */
  readonly repository: RepositoryName;
  /** Size of large bodies in bytes. */
  readonly size: number;
  /** Idle timeout of a request in seconds. */
  readonly timeout: number;
  /** Duration of the long upload in seconds; without it, that check is skipped. */
  readonly duration?: number | undefined;
  readonly credentials?: Credentials | undefined;
  /** Names of the checks to run besides the essential ones; by default, all. */
  readonly only?: readonly string[] | undefined;
  readonly now: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Stops the run early; pushed content is still deleted. */
  readonly signal: AbortSignal;
  /** Called after each check. */
  readonly onResult: (result: Result) => void;
  /** Called with the number of body bytes sent so far. */
  readonly onSent: (check: string, sent: number, total: number) => void;
}

/** The result of a check. */
export type Result = { readonly name: string; readonly settles?: string; readonly seconds: number } & Finding;

/** The results of a run. */
export interface Report {
  readonly results: readonly Result[];
  /** Whether no connection to the registry could be established. */
  readonly unreachable: boolean;
}

/** Value of the `User-Agent` header. */
const USER_AGENT = "dockless-doctor";

/** Timeout for deleting pushed content. */
const CLEAN_UP_TIMEOUT_MILLISECONDS = 60_000;

/** Runs the checks in sequence, then deletes the content that they pushed. */
export async function diagnose(options: DoctorOptions): Promise<Report> {
  using run = new Run(options);
  for (const check of CHECKS) {
    if (options.signal.aborted) break;
    if (check.isEssential || (options.only?.includes(check.name) ?? true)) await run.execute(check);
  }
  await run.cleanUp();
  return { results: run.results, unreachable: run.unreachable };
}

class Run implements Disposable {
  readonly results: Result[] = [];
  unreachable = false;
  readonly #options: DoctorOptions;
  readonly #context: CheckContext;
  /** For each prerequisite that was not selected to run, the check that reported its failure. */
  readonly #reportedBy = new Map<string, string>();
  #current = "";
  #signal: AbortSignal;

  constructor(options: DoctorOptions) {
    const { base, repository, credentials, timeout, now, size, duration, random, signal } = options;
    this.#options = options;
    this.#signal = signal;
    const scope = `repository:${repository}:pull,push,delete`;
    this.#context = new CheckContext({
      client: new Client(
        { base, scope, credentials, userAgent: USER_AGENT, timeout, now },
        () => this.#signal,
      ),
      cleanup: new CleanupList(repository),
      repository,
      size,
      duration,
      random,
      signal,
      onSent: (sent, total) => options.onSent(this.#current, sent, total),
    });
  }

  async execute(check: Check): Promise<void> {
    const blocking = this.results.find(({ name, status }) => status === "failed" && isEssential(name));
    const finding =
      blocking === undefined
        ? () => check.run(this.#context)
        : async () => skipped(`skipped because "${blocking.name}" failed`, blocking.name);
    await this.#record(check, finding);
  }

  async cleanUp(): Promise<void> {
    const { client, cleanup } = this.#context;
    this.#signal = AbortSignal.timeout(CLEAN_UP_TIMEOUT_MILLISECONDS);
    await this.#record({ name: "clean-up" }, () =>
      cleanup.deleteAll((method, path) => client.send(method, path)),
    );
  }

  [Symbol.dispose](): void {
    this.#context.client.close();
  }

  async #record(
    { name, settles }: Pick<Check, "name" | "settles">,
    find: () => Promise<Finding>,
  ): Promise<void> {
    this.#current = name;
    const startedAt = this.#options.now().getTime();
    const finding = await find().catch((error) => this.#convertError(translateClientError(error)));
    const seconds = (this.#options.now().getTime() - startedAt) / 1000;
    const result = {
      name,
      ...(settles === undefined ? {} : { settles }),
      seconds,
      ...this.#redact(finding),
    };
    this.results.push(result);
    this.#options.onResult(result);
  }

  /** Converts an error to a finding. A check whose prerequisite is already reported as failed is skipped. */
  #convertError(error: unknown): Finding {
    if (this.#signal.aborted) return skipped("interrupted");
    if (error instanceof MissingCredentials) return skippedWithoutCredentials();
    if (error instanceof UnmetPrerequisite) {
      const reporter = this.#findReporter(error.check);
      if (reporter !== undefined) return skipped(error.message, reporter);
      const finding = this.#convertError(error.cause);
      if (finding.status === "failed") this.#reportedBy.set(error.check, this.#current);
      return finding;
    }
    if (!(error instanceof CheckFailure)) throw error;
    if (error instanceof Unreachable) this.unreachable = true;
    return { status: "failed", summary: error.message, ...error.explanation };
  }

  /** Returns the check that reported a failure: the failed check itself, or the first check that depends on it. */
  #findReporter(check: string): string | undefined {
    const isFailed = this.results.some(({ name, status }) => name === check && status === "failed");
    return isFailed ? check : this.#reportedBy.get(check);
  }

  #redact(finding: Finding): Finding {
    const { credentials } = this.#options;
    const secrets = credentials === undefined ? [] : [credentials.password];
    const entries = Object.entries(finding).map(([key, text]) => [key, redact(text, secrets)]);
    return { ...finding, ...Object.fromEntries(entries) };
  }
}

function isEssential(name: string): boolean {
  return CHECKS.find((check) => check.name === name)?.isEssential ?? false;
}

/** Returns 2 if the registry is unreachable, 1 if a check failed, 3 if checks were skipped without credentials, otherwise 0. */
export function exitCodeOf({ results, unreachable }: Report): number {
  if (unreachable) return 2;
  if (results.some(({ status }) => status === "failed")) return 1;
  return isWithoutCredentials(results) ? 3 : 0;
}

/** Returns whether checks could not run without credentials. */
export function isWithoutCredentials(results: readonly Result[]): boolean {
  return results.some((result) => result.status === "skipped" && result.blockedBy === "credentials");
}
