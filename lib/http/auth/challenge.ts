import { OciError } from "../../oci/errors.ts";
import type { PublicHost } from "../public-host.ts";

export interface ChallengeOptions {
  /** What a token must be for. */
  readonly scope?: string;
  /** RFC 6750, section 3.1: what is wrong with the token that came. */
  readonly error?: "invalid_token" | "insufficient_scope";
}

/** Sends the client to get a token: https://distribution.github.io/distribution/spec/auth/token/ */
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

/** Somebody who is known may not do it: another token would not help. */
export class DeniedError extends OciError {
  readonly who: string;

  constructor(who: string) {
    super("DENIED");
    this.who = who;
  }
}
