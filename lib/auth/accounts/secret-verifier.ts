import { Semaphore, SemaphoreFullError } from "../../concurrency/semaphore.ts";
import { verifySecret } from "./secrets.ts";

/** Thrown when the queue of secrets to verify is full. */
export class SecretsBusyError extends Error {
  constructor() {
    super("too many secrets are being verified: try again later");
    this.name = "SecretsBusyError";
  }
}

/** Half of Node's default thread pool of four, which file system calls share. */
const MAX_RUNNING_VERIFICATIONS = 2;
/** Verifying an invalid secret costs as much as a valid one: in a longer queue every request would time out. */
const MAX_WAITING_VERIFICATIONS = 100;

/** Verifies secrets with bounded concurrency. One instance per process, since it protects the thread pool. */
export class SecretVerifier {
  readonly #semaphore: Semaphore;

  constructor({ maxRunning = MAX_RUNNING_VERIFICATIONS, maxWaiting = MAX_WAITING_VERIFICATIONS } = {}) {
    this.#semaphore = new Semaphore(maxRunning, maxWaiting);
  }

  /**
   * Returns whether the secret matches the hash.
   * @throws SecretsBusyError when the queue is full
   */
  async verify(secret: string, hash: string): Promise<boolean> {
    try {
      return await this.#semaphore.run(() => verifySecret(secret, hash));
    } catch (error) {
      throw error instanceof SemaphoreFullError ? new SecretsBusyError() : error;
    }
  }
}
