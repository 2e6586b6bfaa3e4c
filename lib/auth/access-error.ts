import { ConditionFailedError } from "../ports/record-store.ts";
import type { PrincipalKind } from "./accounts/principals.ts";

/** All failures of managing accounts and grants, by code, with what each of them is about. */
export type AccessFailure =
  | { readonly code: "NAME_TAKEN"; readonly name: string }
  | {
      readonly code: "KIND_TAKEN";
      readonly name: string;
      /** Of the account that a file has. */
      readonly kind: PrincipalKind;
      /** Of the account that there is. */
      readonly taken: PrincipalKind;
    }
  | { readonly code: "ACCOUNT_UNKNOWN"; readonly kind: PrincipalKind; readonly name: string }
  | { readonly code: "ACCOUNT_CHANGED"; readonly name: string }
  | { readonly code: "ACCOUNTS_CHANGED" }
  | { readonly code: "GRANT_UNKNOWN"; readonly subject: string; readonly pattern: string }
  | { readonly code: "RULE_UNKNOWN"; readonly subject: string };

/** A failure of managing accounts and grants that is not due to malformed input. */
export class AccessError extends Error {
  readonly failure: AccessFailure;

  constructor(failure: AccessFailure, options?: ErrorOptions) {
    super(messageOf(failure), options);
    this.failure = failure;
  }
}

function messageOf(failure: AccessFailure): string {
  switch (failure.code) {
    case "NAME_TAKEN":
      return `there is a user or robot ${failure.name} already`;
    case "KIND_TAKEN": {
      const { kind, taken, name } = failure;
      return `the file has a ${kind} ${name}, and there is a ${taken} ${name}`;
    }
    case "ACCOUNT_UNKNOWN":
      return `there is no ${failure.kind} ${failure.name}`;
    case "ACCOUNT_CHANGED":
      return `somebody else has just changed ${failure.name}: try again`;
    case "ACCOUNTS_CHANGED":
      return "somebody else has just changed accounts: apply it again";
    case "GRANT_UNKNOWN":
      return `nothing is granted to ${failure.subject} on exactly ${failure.pattern}`;
    case "RULE_UNKNOWN":
      return `there is no rule for ${failure.subject}`;
  }
}

/** Turns the conflict of a conditional write into a failure. @throws AccessError */
export async function failOnConflict<T>(work: Promise<T>, failure: AccessFailure): Promise<T> {
  return await work.catch((error: unknown) => {
    throw error instanceof ConditionFailedError ? new AccessError(failure, { cause: error }) : error;
  });
}
