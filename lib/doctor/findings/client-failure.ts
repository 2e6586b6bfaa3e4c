import { ClientError, type ClientFailure, type MissingResponse } from "../../client/client-error.ts";
import type { RegistryResponse } from "../../client/message.ts";
import { CheckFailure, MissingCredentials, UnmetPrerequisite } from "./finding.ts";
import { findCauseWithoutResponse } from "./likely-cause.ts";
import { findPlainRealmCause } from "./plain-realm.ts";
import { createStatusError } from "./response.ts";

/** The likely cause of a rejected token request or login. */
export const INVALID_CREDENTIALS_CAUSE = {
  cause: "the username or the password is wrong",
  advice: "verify the credentials with docker login; the password must not end with a line break",
};

/** Converts a ClientError to the doctor's error type. Returns all other errors unchanged. */
export function translateClientError(error: unknown): unknown {
  return error instanceof ClientError ? translate(error.failure) : error;
}

/** Attributes the failure to the check that covers it, so that it is reported once. */
function translate(failure: ClientFailure): CheckFailure | UnmetPrerequisite | MissingCredentials {
  switch (failure.code) {
    case "NO_RESPONSE":
      return createNoResponseError(failure);
    case "CREDENTIALS_REQUIRED":
      return new MissingCredentials("credentials required");
    case "CHALLENGE_INVALID":
      return new UnmetPrerequisite("challenge", createChallengeError(failure.fault));
    case "TOKEN_NO_RESPONSE":
      return new UnmetPrerequisite("token-get", createNoResponseError(failure));
    case "TOKEN_REJECTED":
      return new UnmetPrerequisite("token-get", createTokenRequestError(failure.response));
    case "TOKEN_MISSING":
      return new UnmetPrerequisite("token-get", createMissingTokenError(failure.response));
  }
}

function createNoResponseError({ reason, sentBytes }: MissingResponse): CheckFailure {
  const after = sentBytes === 0 ? "" : ` after ${sentBytes} bytes of the body`;
  return new CheckFailure("no response", {
    expected: "a response",
    actual: `${reason}${after}`,
    ...findCauseWithoutResponse(reason),
  });
}

function createChallengeError(fault: string): CheckFailure {
  const cause = {
    cause: "the registry does not know its public URL, or a proxy changes the header",
    advice: "run the challenge check for details: --only challenge",
  };
  return new CheckFailure(`unusable challenge: ${fault}`, {
    expected: 'WWW-Authenticate: Bearer realm="https://…",service="…"',
    actual: "a different challenge",
    ...(findPlainRealmCause(fault) ?? cause),
  });
}

function createTokenRequestError(response: RegistryResponse): CheckFailure {
  return createStatusError(response, [200], {
    what: "the token request",
    fallback: INVALID_CREDENTIALS_CAUSE,
  });
}

/** Creates the failure of a token response without a token. */
export function createMissingTokenError(response: RegistryResponse): CheckFailure {
  return new CheckFailure("the response contains no token", {
    expected: 'JSON with "token" or "access_token"',
    actual: `${response.headers["content-type"] ?? "no content type"}, ${response.body.length} bytes`,
    cause: "the realm of the challenge is not the URL of the registry's token service",
    advice: "compare the realm of the challenge with the URL of the token service",
  });
}
