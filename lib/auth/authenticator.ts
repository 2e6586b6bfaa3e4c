import type { Identity } from "./identity.ts";

/** Authenticates one kind of credentials. */
export interface Authenticator {
  /**
   * Authenticates a username and password.
   * @param audience the registry's configured host, which AWS credentials are signed for. It must not come from the
   * request, since a client can send any host. Without it, all AWS credentials are rejected.
   * @returns undefined when the credentials are for another authenticator
   * @throws CredentialsRejectedError when they are for this authenticator, but invalid
   */
  authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined>;
}

/** Invalid credentials. The message is for logs: the reason, without a secret. Clients receive no reason. */
export class CredentialsRejectedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CredentialsRejectedError";
  }
}
