/**
 * Ignores that the reader of standard output or standard error has ended, as `head` and `tee` do, `tee` also after a Ctrl-C. A
 * server then completes its requests, and `doctor` deletes what it has pushed.
 */
export function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
