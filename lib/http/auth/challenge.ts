import { OciError } from "../../oci/errors.ts";
import type { PublicHost } from "../public-host.ts";

/** The optional parameters of a challenge. */
export interface ChallengeOptions {
  /** The scope that the token needs. */
  readonly scope?: string;
  /** The error of the token that was sent: https://www.rfc-editor.org/rfc/rfc6750#section-3.1 */
  readonly error?: "invalid_token" | "insufficient_scope";
}

/**
 * A 401 response whose challenge directs the client to the token endpoint.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
export class ChallengeError extends OciError {
  readonly challenge: string;

  constructor({ origin, host }: PublicHost, { scope, error }: ChallengeOptions = {}, cause?: unknown) {
    super("UNAUTHORIZED", { cause });
    this.challenge = [
      `Bearer realm="${origin}/token",service="${host}"`,
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
      ...(error === undefined ? [] : [`error="${error}"`]),
    ].join(",");
  }
}

/** A 403 response to an authenticated identity that no grant allows the request: another token would not help. */
export class DeniedError extends OciError {
  /** The name of the identity, for logs. */
  readonly identityName: string;

  constructor(who: string) {
    super("DENIED");
    this.identityName = who;
  }
}
