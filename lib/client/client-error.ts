import type { RegistryResponse } from "./message.ts";

/** Details of a request that received no response. */
export interface MissingResponse {
  /** Node's error code, for example `ECONNRESET`, or the message of an error without a code. */
  readonly reason: string;
  /** Number of body bytes sent before the failure. */
  readonly sentBytes: number;
}

/** Failures of a client, discriminated by code. */
export type ClientFailure =
  | ({ readonly code: "NO_RESPONSE" } & MissingResponse)
  | { readonly code: "CREDENTIALS_REQUIRED" }
  | { readonly code: "CHALLENGE_INVALID"; readonly fault: string; readonly response: RegistryResponse }
  | ({ readonly code: "TOKEN_NO_RESPONSE" } & MissingResponse)
  | { readonly code: "TOKEN_REJECTED"; readonly response: RegistryResponse }
  | { readonly code: "TOKEN_MISSING"; readonly response: RegistryResponse };

/** A failure of a request or of the authentication before it. */
export class ClientError extends Error {
  readonly failure: ClientFailure;

  constructor(failure: ClientFailure, options?: ErrorOptions) {
    super(messageOf(failure), options);
    this.failure = failure;
  }
}

function messageOf(failure: ClientFailure): string {
  switch (failure.code) {
    case "NO_RESPONSE":
      return `no response: ${failure.reason}`;
    case "CREDENTIALS_REQUIRED":
      return "credentials required: the registry returned a challenge";
    case "CHALLENGE_INVALID":
      return `unusable challenge: ${failure.fault}`;
    case "TOKEN_NO_RESPONSE":
      return `no response from the token service: ${failure.reason}`;
    case "TOKEN_REJECTED":
      return `token request failed: the token service returned ${failure.response.status}`;
    case "TOKEN_MISSING":
      return "the token service's response contains no token";
  }
}
