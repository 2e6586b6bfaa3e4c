import { OciError } from "../../oci/errors.ts";
import type { Body } from "../../ports/body.ts";
import { StorageUnavailableError } from "../../ports/storage-errors.ts";

/** Idle timeouts in milliseconds: for S3 to accept a chunk, and to respond after the last one. */
const CHUNK_TIMEOUT_MILLISECONDS = 20_000;
const RESPONSE_TIMEOUT_MILLISECONDS = 60_000;

/**
 * A body being sent, which checks that it has exactly the declared length and that its receiver makes progress. No timeout
 * runs while the next chunk is awaited: then the client is slow, not the receiver.
 */
export class WatchedBody {
  readonly #body: Body;
  readonly #length: number;
  readonly #onTimeout: () => void;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the receiver has requested a chunk. */
  hasStarted = false;
  /** Error that ended the body. */
  failure: unknown;

  constructor(body: Body, length: number, onTimeout: () => void) {
    this.#body = body;
    this.#length = length;
    this.#onTimeout = onTimeout;
  }

  /** Yields the chunks. @throws OciError `SIZE_INVALID` when their total length differs from the declared length */
  async *chunks(): Body {
    this.hasStarted = true;
    try {
      yield* this.#checkedChunks();
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
    this.#start(RESPONSE_TIMEOUT_MILLISECONDS);
  }

  /** Stops the timeout. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  async *#checkedChunks(): Body {
    let size = 0;
    // The last chunk is held back until the body has ended without an error: S3 stores the object once it has all bytes.
    let held: Uint8Array | undefined;
    for await (const bytes of this.#body) {
      size += bytes.length;
      if (size > this.#length) throw sizeInvalid();
      if (held !== undefined) yield* this.#send(held);
      held = bytes;
    }
    if (size !== this.#length) throw sizeInvalid();
    if (held !== undefined) yield* this.#send(held);
  }

  async *#send(bytes: Uint8Array): Body {
    this.#start(CHUNK_TIMEOUT_MILLISECONDS);
    yield bytes;
    this.stop();
  }

  #start(milliseconds: number): void {
    this.stop();
    this.#timer = setTimeout(() => {
      this.failure ??= new StorageUnavailableError(new Error(`no progress for ${milliseconds} ms`));
      this.#onTimeout();
    }, milliseconds);
  }
}

function sizeInvalid(): OciError {
  return new OciError("SIZE_INVALID", { message: "body length differs from Content-Length" });
}
