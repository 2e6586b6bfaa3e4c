const pending = new Set<() => Promise<void>>();

/** Runs work with a resource that must not be left behind, even when a signal ends the run. */
export async function withCleanup<T>(cleanUp: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  pending.add(cleanUp);
  try {
    return await work();
  } finally {
    pending.delete(cleanUp);
    await cleanUp();
  }
}

export function cleanUpOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void cleanUpAndEnd());
}

async function cleanUpAndEnd(): Promise<void> {
  for (const cleanUp of [...pending].reverse())
    await cleanUp().catch((error: unknown) => console.error(error));
  process.exit(130);
}
