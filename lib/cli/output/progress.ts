import type { WriteStream } from "node:tty";
import { sizeText } from "../../doctor/size.ts";

const MILLISECONDS_BETWEEN = 200;

/** A line that tells how far an upload is, where there is somebody to read it. */
export class Progress {
  readonly #stream: Pick<WriteStream, "isTTY" | "write">;
  #shownAt = 0;
  #isShown = false;

  constructor(stream: Pick<WriteStream, "isTTY" | "write">) {
    this.#stream = stream;
  }

  show(what: string, sent: number, total: number): void {
    if (!this.#stream.isTTY || performance.now() < this.#shownAt + MILLISECONDS_BETWEEN) return;
    this.#shownAt = performance.now();
    this.#isShown = true;
    const percent = Math.floor((100 * sent) / Math.max(total, 1));
    this.#stream.write(`\r\u001b[K${what}: ${sizeText(sent)} of ${sizeText(total)} (${percent} %)`);
  }

  clear(): void {
    if (this.#isShown) this.#stream.write("\r\u001b[K");
    this.#isShown = false;
  }
}
