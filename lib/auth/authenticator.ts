import type { Identity } from "./identity.ts";

/** Finds out who it is that knows these credentials. */
export interface Authenticator {
  /**
   * @returns undefined when the credentials are not of the kind that it knows
   * @throws CredentialsRefusedError when they are, but are not good
   */
  authenticate(username: string, password: string): Promise<Identity | undefined>;
}

/** The message is for logs: it says why, and holds no secret. The client is told only that they were refused. */
export class CredentialsRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CredentialsRefusedError";
  }
}
