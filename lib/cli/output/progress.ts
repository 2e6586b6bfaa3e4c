import type { WriteStream } from "node:tty";
import { formatSize } from "../../doctor/size.ts";

const UPDATE_INTERVAL_MILLISECONDS = 200;

/** A progress line of an upload, shown only on a terminal. */
export class Progress {
  readonly #stream: Pick<WriteStream, "isTTY" | "write">;
  #shownAt = 0;
  #isShown = false;

  constructor(stream: Pick<WriteStream, "isTTY" | "write">) {
    this.#stream = stream;
  }

  /** Updates the line, at most once per UPDATE_INTERVAL_MILLISECONDS. @param sent bytes @param total bytes */
  show(label: string, sent: number, total: number): void {
    if (!this.#stream.isTTY || performance.now() < this.#shownAt + UPDATE_INTERVAL_MILLISECONDS) return;
    this.#shownAt = performance.now();
    this.#isShown = true;
    const percent = Math.floor((100 * sent) / Math.max(total, 1));
    this.#stream.write(`\r\u001b[K${label}: ${formatSize(sent)} of ${formatSize(total)} (${percent} %)`);
  }

  /** Clears the line. */
  clear(): void {
    if (this.#isShown) this.#stream.write("\r\u001b[K");
    this.#isShown = false;
  }
}
