import { Semaphore } from "../../../concurrency/semaphore.ts";
import { PartBuffers } from "./part-buffers.ts";

/**
 * Bytes on their way to S3 at a time for all bodies of a process together: each keeps no more than one part besides, which
 * waits.
 */
const MAX_BYTES_OF_ALL = 512 * 1024 * 1024;

/** As many as one body has in flight, and the one that is being filled. */
const MAX_FREE_BUFFERS = 4;

/** The memory that all uploads of a process share. */
export class PartMemory {
  readonly buffers = new PartBuffers(MAX_FREE_BUFFERS);
  readonly inFlight = new Semaphore(MAX_BYTES_OF_ALL);
}
