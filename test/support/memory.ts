import type { RecordStore } from "../../lib/ports/record-store.ts";
import type { Registry } from "../../lib/registry/registry.ts";
import { MemoryBlobs } from "../../lib/storage/memory/blobs.ts";
import { MemoryRecords } from "../../lib/storage/memory/records.ts";
import { type Around, aroundBlobs, aroundRecords, aroundUploads, type Call } from "./around.ts";
import { strict } from "./strict-records.ts";

/** A wall clock and a monotonic one, which stand still until they are moved. */
export class Clock {
  #milliseconds = Date.UTC(2026, 0, 1);
  #elapsed = 0;

  now(): Date {
    return new Date(this.#milliseconds);
  }

  /** Milliseconds that have passed, whatever the wall clock was set to. */
  monotonicNow(): number {
    return this.#elapsed;
  }

  advance(seconds: number): void {
    this.#milliseconds += seconds * 1000;
    this.#elapsed += seconds * 1000;
  }

  /** Sets the wall clock back, as an administrator or a time server may. */
  setBack(seconds: number): void {
    this.#milliseconds -= seconds * 1000;
  }
}

/** The clock's two times, as options take them. */
export function clocksOf(clock: Clock): { now(): Date; monotonicNow(): number } {
  return { now: () => clock.now(), monotonicNow: () => clock.monotonicNow() };
}

export interface MemoryRegistry {
  readonly registry: Registry;
  /** The stores behind the registry, to look into. */
  readonly records: RecordStore;
  readonly blobs: MemoryBlobs;
  readonly clock: Clock;
}

/** A registry over stores in memory that refuse what stricter ones would. */
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

/** The same registry, with something around each call to its stores. */
export function withAround(registry: Registry, around: Around): Registry {
  return {
    ...registry,
    records: aroundRecords(registry.records, around),
    blobs: aroundBlobs(registry.blobs, around),
    uploads: aroundUploads(registry.uploads, around),
  };
}

/** The calls that some work makes to the stores. */
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
