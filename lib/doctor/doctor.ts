import { Client } from "../client/client.ts";
import type { Credentials } from "../client/sign-in.ts";
import type { RepositoryName } from "../oci/repository-name.ts";
import type { Check } from "./check.ts";
import { CHECKS } from "./checks.ts";
import { translateClientError } from "./findings/client-failure.ts";
import { type Finding, NoCredentials, Problem, skipped, Unmet, Unreachable } from "./findings/finding.ts";
import { redact } from "./redact.ts";
import { Ledger } from "./visit/ledger.ts";
import { Visit } from "./visit/visit.ts";

export interface DoctorOptions {
  readonly base: URL;
  readonly repository: RepositoryName;
  /** Bytes of the large bodies. */
  readonly size: number;
  /** Seconds without a byte after which a request has failed. */
  readonly timeout: number;
  /** Seconds of the long upload; undefined for none. */
  readonly duration?: number | undefined;
  readonly credentials?: Credentials | undefined;
  /** Names of checks; the essential ones are made in any case. Undefined for all. */
  readonly only?: readonly string[] | undefined;
  readonly now: () => Date;
  readonly random: (bytes: number) => Uint8Array;
  /** Ends the visit early; it still cleans up. */
  readonly signal: AbortSignal;
  readonly onResult: (result: Result) => void;
  readonly onSent: (check: string, sent: number, total: number) => void;
}

export type Result = { readonly name: string; readonly settles?: string; readonly seconds: number } & Finding;

export interface Report {
  readonly results: readonly Result[];
  /** Nothing answers at that address. */
  readonly unreachable: boolean;
}

/** Name of this client for registries. */
const USER_AGENT = "dockless-doctor";

/** How long cleaning up may take once the visit was ended early: milliseconds. */
const CLEAN_UP_MILLISECONDS = 60_000;

/** Makes the checks one after the other, and removes what they have pushed. */
export async function diagnose(options: DoctorOptions): Promise<Report> {
  const run = new Run(options);
  for (const check of CHECKS) {
    if (options.signal.aborted) break;
    if (check.essential || (options.only?.includes(check.name) ?? true)) await run.make(check);
  }
  await run.cleanUp();
  return { results: run.results, unreachable: run.unreachable };
}

class Run {
  readonly results: Result[] = [];
  unreachable = false;
  readonly #options: DoctorOptions;
  readonly #visit: Visit;
  #current = "";
  #signal: AbortSignal;

  constructor(options: DoctorOptions) {
    const { base, repository, credentials, timeout, now, size, duration, random, signal } = options;
    this.#options = options;
    this.#signal = signal;
    const scope = `repository:${repository}:pull,push,delete`;
    this.#visit = new Visit({
      client: new Client(
        { base, scope, credentials, userAgent: USER_AGENT, timeout, now },
        () => this.#signal,
      ),
      ledger: new Ledger(repository),
      repository,
      size,
      duration,
      random,
      signal,
      onSent: (sent, total) => options.onSent(this.#current, sent, total),
    });
  }

  async make(check: Check): Promise<void> {
    const blocking = this.results.find(({ name, status }) => status === "failed" && isEssential(name));
    const finding =
      blocking === undefined
        ? () => check.run(this.#visit)
        : async () => skipped(`nothing to go on since "${blocking.name}" failed`);
    await this.#record(check, finding);
  }

  async cleanUp(): Promise<void> {
    const { client, ledger } = this.#visit;
    this.#signal = AbortSignal.timeout(CLEAN_UP_MILLISECONDS);
    await this.#record({ name: "clean-up" }, () => ledger.clear((path) => client.send("DELETE", path)));
    client.close();
  }

  async #record(
    { name, settles }: Pick<Check, "name" | "settles">,
    find: () => Promise<Finding>,
  ): Promise<void> {
    this.#current = name;
    const begun = this.#options.now().getTime();
    const finding = await find().catch((error) => this.#findingOf(translateClientError(error)));
    const seconds = (this.#options.now().getTime() - begun) / 1000;
    const result = {
      name,
      ...(settles === undefined ? {} : { settles }),
      seconds,
      ...this.#redacted(finding),
    };
    this.results.push(result);
    this.#options.onResult(result);
  }

  /** A failure is told once: what others need of it is skipped. */
  #findingOf(error: unknown): Finding {
    if (this.#signal.aborted) return skipped("interrupted");
    if (error instanceof NoCredentials) return skipped(error.message);
    if (error instanceof Unmet) {
      const told = this.results.some(({ name, status }) => name === error.check && status === "failed");
      return told ? skipped(error.message) : this.#findingOf(error.cause);
    }
    if (!(error instanceof Problem)) throw error;
    if (error instanceof Unreachable) this.unreachable = true;
    return { status: "failed", summary: error.message, ...error.explanation };
  }

  #redacted(finding: Finding): Finding {
    const { credentials } = this.#options;
    const secrets = credentials === undefined ? [] : [credentials.password];
    const entries = Object.entries(finding).map(([key, text]) => [key, redact(text, secrets)]);
    return { ...finding, ...Object.fromEntries(entries) };
  }
}

function isEssential(name: string): boolean {
  return CHECKS.find((check) => check.name === name)?.essential ?? false;
}

/** 2 when nothing is known about the registry, 1 when something is wrong with it. */
export function exitCodeOf({ results, unreachable }: Report): number {
  if (unreachable) return 2;
  return results.some(({ status }) => status === "failed") ? 1 : 0;
}
