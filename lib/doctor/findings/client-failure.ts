import { ClientError, type ClientFailure, type Unanswered } from "../../client/client-error.ts";
import type { Answer } from "../../client/message.ts";
import { wrongStatus } from "./answer.ts";
import { NoCredentials, Problem, Unmet } from "./finding.ts";
import { likelyWithoutAnswer } from "./likely.ts";

export const WRONG_PASSWORD = {
  cause: "the username or the password is wrong",
  advice: "sign in with them by docker login; see that the password has no line break at its end",
};

/** Returns the doctor's error for one of its client; any other error as it is. */
export function translateClientError(error: unknown): unknown {
  return error instanceof ClientError ? translate(error.failure) : error;
}

/** Names the check that covers the failure, so that it is reported once. */
function translate(failure: ClientFailure): Problem | Unmet | NoCredentials {
  switch (failure.code) {
    case "NO_ANSWER":
      return noAnswer(failure);
    case "CREDENTIALS_REQUIRED":
      return new NoCredentials("needs --username and --password-stdin");
    case "CHALLENGE_UNUSABLE":
      return new Unmet("challenge", unusableChallenge(failure.fault));
    case "TOKEN_UNANSWERED":
      return new Unmet("token-get", noAnswer(failure));
    case "TOKEN_REFUSED":
      return new Unmet("token-get", refusedToken(failure.answer));
    case "TOKEN_MISSING":
      return new Unmet("token-get", missingToken(failure.answer));
  }
}

function noAnswer({ reason, sentBytes }: Unanswered): Problem {
  const after = sentBytes === 0 ? "" : ` after ${sentBytes} bytes of the body were sent`;
  return new Problem("there was no answer", {
    expected: "an answer",
    came: `${reason}${after}`,
    ...likelyWithoutAnswer(reason),
  });
}

function unusableChallenge(fault: string): Problem {
  return new Problem(`the challenge is of no use: ${fault}`, {
    expected: 'WWW-Authenticate: Bearer realm="https://…",service="…"',
    came: "another one",
    cause: "the registry is not told its own address, or a front changes the header",
    advice: "run the check challenge, which says more",
  });
}

function refusedToken(answer: Answer): Problem {
  return wrongStatus(answer, [200], { what: "the request for a token", fallback: WRONG_PASSWORD });
}

export function missingToken(answer: Answer): Problem {
  return new Problem("the answer has no token", {
    expected: 'JSON with "token" or "access_token"',
    came: `${answer.headers["content-type"] ?? "no content type"}, ${answer.body.length} bytes`,
    cause: "the realm of the challenge is not the registry's token service",
    advice: "compare the realm in the challenge with the address of the token service",
  });
}
