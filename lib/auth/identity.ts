import { ANONYMOUS_GRANTEE, type Grantee } from "./grants/grantee.ts";

/** An authenticated user, robot or federated identity, or the anonymous identity. */
export interface Identity {
  /** The name in logs and tokens: `user:alice`, `oidc:<issuer> <sub>`, `aws:<ARN>`. */
  readonly name: string;
  /** The grantees whose grants apply to the identity, without `anonymous`, which applies to all. */
  readonly grantees: readonly Grantee[];
  /** The time at which the credentials or the session expires; absent when they do not expire. */
  readonly notAfter?: Date;
  /** The id of the secret with which a user or robot authenticated; absent for federated identities. */
  readonly secret?: string;
}

/** The identity of requests without credentials. */
export const ANONYMOUS: Identity = { name: "anonymous", grantees: [] };

/** Returns whether this is the identity of requests without credentials. */
export function isAnonymous({ name }: Identity): boolean {
  return name === ANONYMOUS.name;
}

/** Returns all grantees whose grants apply to the identity. */
export function allGranteesOf({ grantees }: Identity): readonly Grantee[] {
  return [...grantees, ANONYMOUS_GRANTEE];
}
