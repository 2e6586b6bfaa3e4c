import { UploadBusyError } from "../ports/upload-store.ts";

/** Lets one piece of work at a time touch an upload session, within this process. */
export class Exclusive {
  readonly #busy = new Set<string>();

  /** @throws UploadBusyError */
  async run<T>(id: string, work: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) throw new UploadBusyError(id);
    this.#busy.add(id);
    try {
      return await work();
    } finally {
      this.#busy.delete(id);
    }
  }
}
