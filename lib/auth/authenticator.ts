import type { Identity } from "./identity.ts";

/** Authenticates one kind of credentials. */
export interface Authenticator {
  /**
   * Authenticates a username and password.
   * @param audience the registry's configured host, for which AWS credentials must have been signed. It must not come from
   * the request, since a client can send any host. Without it, all AWS credentials are rejected.
   * @returns undefined when another authenticator handles this kind of credentials
   * @throws CredentialsRejectedError when this authenticator handles this kind of credentials, but they are invalid
   */
  authenticate(username: string, password: string, audience?: string): Promise<Identity | undefined>;
}

/** Invalid credentials. The message is the reason, for logs only: it contains no secret, and clients do not receive it. */
export class CredentialsRejectedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "CredentialsRejectedError";
  }
}
