const pending = new Set<() => Promise<void>>();

/** Runs work and then cleans up, even when the work fails or a signal ends the run. */
export async function withCleanup<T>(cleanUp: () => Promise<void>, work: () => Promise<T>): Promise<T> {
  pending.add(cleanUp);
  try {
    return await work();
  } finally {
    pending.delete(cleanUp);
    await cleanUp();
  }
}

/** Runs all pending cleanups on SIGINT and SIGTERM, newest first, and exits with status 130. */
export function cleanUpOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void cleanUpAndExit());
}

async function cleanUpAndExit(): Promise<void> {
  for (const cleanUp of [...pending].reverse())
    await cleanUp().catch((error: unknown) => console.error(error));
  process.exit(130);
}
