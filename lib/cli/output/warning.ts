/** Prints a warning of one line to standard error. The command continues. */
export function printWarning(message: string): void {
  process.stderr.write(`dockless: warning: ${message}\n`);
}
