import type { Answer } from "./message.ts";

/** A request that got no answer. */
export interface Unanswered {
  /** Node's error code, for example `ECONNRESET`; the message of an error that has none. */
  readonly reason: string;
  /** Bytes of the body that were sent before. */
  readonly sentBytes: number;
}

/** All failures of a client, by code, with what each of them is about. */
export type ClientFailure =
  | ({ readonly code: "NO_ANSWER" } & Unanswered)
  | { readonly code: "CREDENTIALS_REQUIRED" }
  | { readonly code: "CHALLENGE_UNUSABLE"; readonly fault: string; readonly answer: Answer }
  | ({ readonly code: "TOKEN_UNANSWERED" } & Unanswered)
  | { readonly code: "TOKEN_REFUSED"; readonly answer: Answer }
  | { readonly code: "TOKEN_MISSING"; readonly answer: Answer };

/** A failure of a request or of the sign-in before it. */
export class ClientError extends Error {
  readonly failure: ClientFailure;

  constructor(failure: ClientFailure, options?: ErrorOptions) {
    super(messageOf(failure), options);
    this.failure = failure;
  }
}

function messageOf(failure: ClientFailure): string {
  switch (failure.code) {
    case "NO_ANSWER":
      return `no answer: ${failure.reason}`;
    case "CREDENTIALS_REQUIRED":
      return "credentials required: the registry answers with a challenge";
    case "CHALLENGE_UNUSABLE":
      return `challenge unusable: ${failure.fault}`;
    case "TOKEN_UNANSWERED":
      return `no answer from the token service: ${failure.reason}`;
    case "TOKEN_REFUSED":
      return `token refused: the token service answered with ${failure.answer.status}`;
    case "TOKEN_MISSING":
      return "token missing: the answer of the token service has none";
  }
}
