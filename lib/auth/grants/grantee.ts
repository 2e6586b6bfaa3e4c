import { MalformedError } from "../malformed-error.ts";

/**
 * The grantee of a grant: `user:alice`, `robot:ci`, `group:devs`, `oidc:<rule>`, `aws:<rule>`, `authenticated` (all
 * authenticated identities) or `anonymous` (all requests, authenticated or not).
 */
export type Grantee = string & { readonly grantee: unique symbol };

const GRANTEE_KINDS = ["user", "robot", "group", "oidc", "aws"] as const;

/** A kind of grantee that has a name. */
export type GranteeKind = (typeof GRANTEE_KINDS)[number];

/** The name of a user, robot, group or rule. */
export type AccountName = string & { readonly accountName: unique symbol };

const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

const NAMED_GRANTEE_PATTERN = new RegExp(`^(?:${GRANTEE_KINDS.join("|")}):(.+)$`, "s");

/** The grantee of all requests, authenticated or not. */
export const ANONYMOUS_GRANTEE = "anonymous" as Grantee;
/** The grantee of all authenticated identities. */
export const AUTHENTICATED_GRANTEE = "authenticated" as Grantee;

/** Parses the name of a user, robot, group or rule. @throws MalformedError */
export function parseName(text: string): AccountName {
  if (isName(text)) return text;
  throw new MalformedError(
    `invalid name: ${JSON.stringify(text.slice(0, 100))} (use 1 to 64 characters from a-z, 0-9, dot, dash and underscore)`,
  );
}

/** Returns whether the text is a name: 1 to 64 characters, the first and the last of which are alphanumeric. */
export function isName(text: string): text is AccountName {
  return NAME_PATTERN.test(text);
}

/** Returns the grantee of a kind and name. */
export function granteeOf(kind: GranteeKind, name: AccountName): Grantee {
  return `${kind}:${name}` as Grantee;
}

/** Parses a grantee. @throws MalformedError */
export function parseGrantee(text: string): Grantee {
  if (isGrantee(text)) return text;
  throw new MalformedError(
    `invalid grantee: ${JSON.stringify(text.slice(0, 100))} (use ${GRANTEE_KINDS.map((kind) => `${kind}:NAME`).join(", ")}, authenticated or anonymous)`,
  );
}

/** Returns whether the text is a grantee. */
export function isGrantee(text: string): text is Grantee {
  if (text === ANONYMOUS_GRANTEE || text === AUTHENTICATED_GRANTEE) return true;
  const name = NAMED_GRANTEE_PATTERN.exec(text)?.[1];
  return name !== undefined && isName(name);
}
