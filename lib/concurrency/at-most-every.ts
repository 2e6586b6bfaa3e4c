/**
 * Returns a function that runs an action at most once per interval, for example to log a failure that affects every request.
 * @param monotonicNow returns the milliseconds of a monotonic clock
 * @param action receives the number of calls suppressed since the last run
 */
export function atMostEvery(
  intervalMilliseconds: number,
  monotonicNow: () => number,
  action: (skipped: number) => void,
): () => void {
  let lastAt = Number.NEGATIVE_INFINITY;
  let skipped = 0;
  return () => {
    if (monotonicNow() - lastAt < intervalMilliseconds) {
      skipped += 1;
      return;
    }
    const count = skipped;
    skipped = 0;
    lastAt = monotonicNow();
    action(count);
  };
}
