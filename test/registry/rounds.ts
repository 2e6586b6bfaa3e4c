import type { RegistryContext } from "../../lib/registry/registry-context.ts";
import type { Interceptor } from "../support/interceptor.ts";
import { withInterceptor } from "../support/memory.ts";

/** Calls of the stores that run at the same time, each as `store.method`. */
export type Round = readonly string[];

/**
 * Runs work on stores that respond only once all work waits for them, so that the number of rounds is the number of
 * sequential round trips that a client waits for.
 */
export async function roundsOf(
  registry: RegistryContext,
  work: (watched: RegistryContext) => Promise<unknown>,
): Promise<readonly Round[]> {
  const rounds: Round[] = [];
  let waiting: { readonly name: string; readonly start: () => void }[] = [];
  const wait: Interceptor = async ({ store, method }, run) => {
    await new Promise<void>((start) => waiting.push({ name: `${store}.${method}`, start }));
    return await run();
  };
  let isDone = false;
  const result = work(withInterceptor(registry, wait)).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    // All microtasks run before the next immediate callback, so everything that can call a store has called it.
    await new Promise((resolve) => setImmediate(resolve));
    const round = waiting;
    waiting = [];
    // Calls that are still waiting when the work has ended are not waited for.
    if (round.length > 0 && !isDone) rounds.push(round.map(({ name }) => name).sort());
    for (const { start } of round) start();
  }
  await result;
  return rounds;
}
