import type { Identity } from "./identity.ts";

/** Finds out who it is that knows these credentials. */
export interface Authenticator {
  /**
   * @param audience the registry's own host, which AWS credentials are made for: never one that a client names, since
   * that is no proof. While it is unknown, none of them is accepted.
   * @returns undefined when the credentials are not of the kind that it knows
   * @throws CredentialsRefusedError when they are, but are not good
   */
  authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined>;
}

/** The message is for logs: it says why, and holds no secret. The client is told only that they were refused. */
export class CredentialsRefusedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CredentialsRefusedError";
  }
}
