import { Semaphore, SemaphoreFullError } from "../../concurrency/semaphore.ts";
import { verifySecret } from "./secrets.ts";

/** Too many secrets are being verified. */
export class SecretsBusyError extends Error {
  constructor() {
    super("too many secrets are being verified: try again later");
    this.name = "SecretsBusyError";
  }
}

/** Half of the threads that Node has for work of this kind, since the disk's is done by the same ones. */
const MAX_RUNNING = 2;
/** An invalid secret costs as much as a valid one: with more that wait, none would be verified in time. */
const MAX_WAITING = 100;

/** Verifies secrets, few at a time: one for each process, since its threads are what it saves. */
export class SecretVerifier {
  readonly #running: Semaphore;

  constructor({ maxRunning = MAX_RUNNING, maxWaiting = MAX_WAITING } = {}) {
    this.#running = new Semaphore(maxRunning, maxWaiting);
  }

  /** @throws SecretsBusyError */
  async verify(secret: string, hash: string): Promise<boolean> {
    try {
      return await this.#running.run(() => verifySecret(secret, hash));
    } catch (error) {
      throw error instanceof SemaphoreFullError ? new SecretsBusyError() : error;
    }
  }
}
