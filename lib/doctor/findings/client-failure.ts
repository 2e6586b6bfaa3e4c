import { ClientError, type ClientFailure, type Unanswered } from "../../client/client-error.ts";
import type { Answer } from "../../client/message.ts";
import { wrongStatus } from "./answer.ts";
import { NoCredentials, Problem, Unmet } from "./finding.ts";
import { likelyWithoutAnswer } from "./likely.ts";

/** The likely cause of a rejected token request or login. */
export const WRONG_PASSWORD = {
  cause: "the username or the password is wrong",
  advice: "verify them with docker login; the password must not end with a line break",
};

/** Converts a ClientError to the doctor's error type. Returns all other errors unchanged. */
export function translateClientError(error: unknown): unknown {
  return error instanceof ClientError ? translate(error.failure) : error;
}

/** Attributes the failure to the check that covers it, so that it is reported once. */
function translate(failure: ClientFailure): Problem | Unmet | NoCredentials {
  switch (failure.code) {
    case "NO_RESPONSE":
      return createNoResponseError(failure);
    case "CREDENTIALS_REQUIRED":
      return new NoCredentials("credentials required: use --username and --password-stdin");
    case "CHALLENGE_INVALID":
      return new Unmet("challenge", createChallengeError(failure.fault));
    case "TOKEN_NO_RESPONSE":
      return new Unmet("token-get", createNoResponseError(failure));
    case "TOKEN_REJECTED":
      return new Unmet("token-get", createTokenRequestError(failure.response));
    case "TOKEN_MISSING":
      return new Unmet("token-get", missingToken(failure.response));
  }
}

function createNoResponseError({ reason, sentBytes }: Unanswered): Problem {
  const after = sentBytes === 0 ? "" : ` after ${sentBytes} bytes of the body`;
  return new Problem("no response", {
    expected: "a response",
    actual: `${reason}${after}`,
    ...likelyWithoutAnswer(reason),
  });
}

function createChallengeError(fault: string): Problem {
  return new Problem(`unusable challenge: ${fault}`, {
    expected: 'WWW-Authenticate: Bearer realm="https://…",service="…"',
    actual: "a different challenge",
    cause: "the registry does not know its public URL, or a proxy changes the header",
    advice: "run the challenge check for details: --only challenge",
  });
}

function createTokenRequestError(response: Answer): Problem {
  return wrongStatus(response, [200], { what: "the request for a token", fallback: WRONG_PASSWORD });
}

/** Creates the failure of a token response without a token. */
export function missingToken(response: Answer): Problem {
  return new Problem("the response contains no token", {
    expected: 'JSON with "token" or "access_token"',
    actual: `${response.headers["content-type"] ?? "no content type"}, ${response.body.length} bytes`,
    cause: "the realm of the challenge is not the URL of the registry's token service",
    advice: "compare the realm of the challenge with the URL of the token service",
  });
}
