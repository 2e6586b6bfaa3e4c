import { ConditionFailedError } from "../ports/record-store.ts";
import type { AccountKind } from "./accounts/accounts.ts";

/** The failures of account and grant management: a code and the names involved. */
export type AccessFailure =
  | { readonly code: "NAME_TAKEN"; readonly name: string }
  | {
      readonly code: "KIND_TAKEN";
      readonly name: string;
      /** The kind that the access file declares. */
      readonly kind: AccountKind;
      /** The kind of the existing account. */
      readonly taken: AccountKind;
    }
  | { readonly code: "ACCOUNT_UNKNOWN"; readonly kind: AccountKind; readonly name: string }
  | { readonly code: "ACCOUNT_CHANGED"; readonly name: string }
  | { readonly code: "ACCOUNTS_CHANGED" }
  | { readonly code: "LAST_ADMIN" }
  | { readonly code: "GRANT_UNKNOWN"; readonly grantee: string; readonly pattern: string }
  | { readonly code: "RULE_UNKNOWN"; readonly grantee: string };

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
      return `a user or robot named ${failure.name} already exists`;
    case "KIND_TAKEN": {
      const { kind, taken, name } = failure;
      return `the access file declares ${kind} ${name}, but a ${taken} named ${name} already exists`;
    }
    case "ACCOUNT_UNKNOWN":
      return `there is no ${failure.kind} ${failure.name}`;
    case "ACCOUNT_CHANGED":
      return `${failure.name} was changed concurrently: try again`;
    case "ACCOUNTS_CHANGED":
      return "accounts were changed concurrently: apply the file again";
    case "LAST_ADMIN":
      return "the access file would remove the last admin";
    case "GRANT_UNKNOWN":
      return `${failure.grantee} has no grant for exactly the pattern ${failure.pattern}`;
    case "RULE_UNKNOWN":
      return `there is no rule for ${failure.grantee}`;
  }
}

/**
 * Awaits a conditional write.
 * @throws AccessError with the given failure when a condition of the write fails; other errors unchanged
 */
export async function failOnConflict<T>(write: Promise<T>, failure: AccessFailure): Promise<T> {
  return await write.catch((error: unknown) => {
    throw error instanceof ConditionFailedError ? new AccessError(failure, { cause: error }) : error;
  });
}
