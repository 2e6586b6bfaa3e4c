import type { RecordStore } from "../../lib/ports/record-store.ts";
import type { Registry } from "../../lib/registry/registry.ts";
import { MemoryBlobs } from "../../lib/storage/memory/blobs.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";
import { type Around, aroundBlobs, aroundRecords, aroundUploads, type Call } from "./around.ts";
import { strict } from "./strict-records.ts";

/** Wall clock and monotonic clock, which advance only explicitly. */
export class Clock {
  #milliseconds = Date.UTC(2026, 0, 1);
  #elapsed = 0;

  now(): Date {
    return new Date(this.#milliseconds);
  }

  /** Returns the monotonic time in milliseconds, independent of changes of the wall clock. */
  monotonicNow(): number {
    return this.#elapsed;
  }

  advance(seconds: number): void {
    this.#milliseconds += seconds * 1000;
    this.#elapsed += seconds * 1000;
  }

  /** Sets the wall clock back, like an administrator or a time server. */
  setBack(seconds: number): void {
    this.#milliseconds -= seconds * 1000;
  }
}

/** Returns the two clock functions in the form of options. */
export function clocksOf(clock: Clock): { now(): Date; monotonicNow(): number } {
  return { now: () => clock.now(), monotonicNow: () => clock.monotonicNow() };
}

/** Registry over stores in memory. */
export interface MemoryRegistry {
  readonly registry: Registry;
  /** Stores of the registry, for direct access. */
  readonly records: RecordStore;
  readonly blobs: MemoryBlobs;
  readonly clock: Clock;
}

/** Creates a registry over stores in memory that enforce the limits of all stores. */
export function memoryRegistry(): MemoryRegistry {
  const records = strict(new MemoryRecords());
  const blobs = new MemoryBlobs();
  const clock = new Clock();
  let ids = 0;
  const newId = () => `id-${++ids}`;
  return {
    registry: { records, blobs, uploads: blobs, now: () => clock.now(), newId },
    records,
    blobs,
    clock,
  };
}

/** Returns the registry with intercepted calls of its stores. */
export function withAround(registry: Registry, around: Around): Registry {
  return {
    ...registry,
    records: aroundRecords(registry.records, around),
    blobs: aroundBlobs(registry.blobs, around),
    uploads: aroundUploads(registry.uploads, around),
  };
}

/** Returns the calls of the stores made by some work. */
export async function callsOf(
  registry: Registry,
  work: (watched: Registry) => Promise<unknown>,
): Promise<readonly Call[]> {
  const calls: Call[] = [];
  const watch: Around = async (call, run) => {
    calls.push(call);
    return await run();
  };
  await work(withAround(registry, watch));
  return calls;
}
