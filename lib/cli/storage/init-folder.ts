import { openDisk } from "../../storage/disk/open.ts";
import { formatStartError } from "../output/failure.ts";
import { formatProgram } from "../output/program.ts";
import { printWarning } from "../output/warning.ts";

/**
 * Creates a data folder with an empty registry. Idempotent.
 * @throws Error with a one-line message that contains the cause and its fix
 */
export async function initFolder(data: string): Promise<void> {
  try {
    const storage = await openDisk(data, printWarning);
    await storage.close();
  } catch (error) {
    throw new Error(formatStartError(error, { data }), { cause: error });
  }
  process.stdout.write(`ready: ${formatProgram()} serve --data ${data}\n`);
}
