import type { Witnessed } from "../../support/round-robin.ts";
import { wrongWith } from "./refusals.ts";

const EXPECTED = new Set([200, 201, 202, 204, 206]);

/** Verifier of all responses: during faults of the stores, a client receives the requested content or a retryable error. */
export class Witness {
  readonly problems: string[] = [];
  requests = 0;
  refused = 0;
  cut = 0;
  slowest = 0;
  /** Whether connections may be closed at any time, because servers are killed. */
  readonly #mayCut: boolean;
  readonly #limit: number;

  constructor({ mayCut, limit }: { readonly mayCut: boolean; readonly limit: number }) {
    this.#mayCut = mayCut;
    this.#limit = limit;
  }

  readonly see = (seen: Witnessed): void => {
    this.requests++;
    this.slowest = Math.max(this.slowest, seen.milliseconds);
    const problem = this.#judge(seen);
    if (problem !== undefined) this.problems.push(`${seen.method} ${seen.path}: ${problem}`);
  };

  get figures(): string {
    const slowest = (this.slowest / 1000).toFixed(1);
    return `${this.requests} requests, ${this.refused} rejected, ${this.cut} interrupted, slowest ${slowest} s`;
  }

  #judge(seen: Witnessed): string | undefined {
    if (seen.milliseconds > this.#limit) return `took ${Math.round(seen.milliseconds / 1000)} s`;
    if (seen.status === undefined || !seen.isWhole) return this.#judgeCut(seen);
    if (EXPECTED.has(seen.status)) return undefined;
    const isReading = seen.method === "GET" || seen.method === "HEAD";
    if (seen.status === 404 && isReading) return undefined;
    this.refused++;
    return wrongWith(seen, seen.method === "HEAD");
  }

  /** Verifies an interrupted response. The head of a blob's response has already been sent when S3 fails. */
  #judgeCut({ method, path, status }: Witnessed): string | undefined {
    this.cut++;
    const isBlob = method === "GET" && /\/blobs\/sha\d+:/.test(path) && status === 200;
    return this.#mayCut || isBlob ? undefined : `interrupted after status ${status}`;
  }
}
