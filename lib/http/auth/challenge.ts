import { describeAction } from "../../auth/grants/actions.ts";
import type { WireAction } from "../../auth/grants/scope.ts";
import { OciError } from "../../oci/errors.ts";
import type { RepositoryName } from "../../oci/repository-name.ts";
import type { PublicHost } from "../public-host.ts";

/** An action on a repository, as the `detail` of an error reports it. */
export interface DeniedAccess {
  readonly type: "repository";
  readonly name: RepositoryName;
  readonly action: WireAction;
}

/** Creates the access that an error reports. */
export function createDeniedAccess(name: RepositoryName, action: WireAction): DeniedAccess {
  return { type: "repository", name, action };
}

/** The optional parameters of a challenge. */
export interface ChallengeOptions {
  /** The access that requires the token; undefined for requests without a repository. */
  readonly access?: DeniedAccess | undefined;
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

  constructor(
    { origin, host }: PublicHost,
    { access, scope, error }: ChallengeOptions = {},
    cause?: unknown,
  ) {
    // A message of its own: docker treats the default message without a detail as a bare code, and does not print it.
    const purpose = access === undefined ? "" : ` to ${describeAction(access.action, access.name)}`;
    const message = `authentication required: sign in to ${host}${purpose}`;
    super("UNAUTHORIZED", { message, detail: access, cause });
    this.challenge = [
      `Bearer realm="${origin}/token",service="${host}"`,
      ...(scope === undefined ? [] : [`scope="${scope}"`]),
      // docker prints the description, or its own text, instead of the message.
      ...(error === undefined ? [] : [`error="${error}"`, `error_description="${message}"`]),
    ].join(",");
  }
}

/** A 403 response to an authenticated identity without a grant that allows the request: another token would not help. */
export class DeniedError extends OciError {
  /** The name of the identity, for logs. */
  readonly identityName: string;

  constructor(identityName: string, access: DeniedAccess) {
    // A message of its own: docker retries an upload for 50 s after the default message without a detail.
    const message = `access denied: no grant allows ${identityName} to ${describeAction(access.action, access.name)}`;
    super("DENIED", { message, detail: access });
    this.identityName = identityName;
  }
}
