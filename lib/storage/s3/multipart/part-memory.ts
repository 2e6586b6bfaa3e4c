import { Semaphore } from "../../../concurrency/semaphore.ts";
import { PartBuffers } from "./part-buffers.ts";

/**
 * Maximum number of bytes being sent to S3 by all bodies of a process; each body holds at most one more
 * part, which waits.
 */
const MAX_BYTES_IN_FLIGHT = 512 * 1024 * 1024;

/** Number of pooled buffers: those that one body has in flight, and the one being filled. */
const MAX_FREE_BUFFERS = 4;

/** Memory shared by all uploads of a process. */
export class PartMemory {
  readonly buffers = new PartBuffers(MAX_FREE_BUFFERS);
  readonly inFlight = new Semaphore(MAX_BYTES_IN_FLIGHT);
}
