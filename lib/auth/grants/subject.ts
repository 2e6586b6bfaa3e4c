import { MalformedError } from "../malformed-error.ts";
/**
 * To whom something is granted: `user:alice`, `robot:ci`, `group:devs`, `oidc:<rule>`, `aws:<rule>`, `authenticated`
 * (everybody who has signed in) or `anonymous` (everybody at all).
 */
export type Subject = string & { readonly subject: unique symbol };

const SUBJECT_KINDS = ["user", "robot", "group", "oidc", "aws"] as const;

export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** The name of a user, robot, group or rule. */
export type PrincipalName = string & { readonly principalName: unique symbol };

const NAME = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

const SUBJECT = new RegExp(`^(?:${SUBJECT_KINDS.join("|")}):(.+)$`, "s");

export const ANYBODY = "anonymous" as Subject;
export const AUTHENTICATED = "authenticated" as Subject;

/** @throws MalformedError */
export function parseName(text: string): PrincipalName {
  if (isName(text)) return text;
  throw new MalformedError(
    `not a name: ${JSON.stringify(text.slice(0, 100))} (1 to 64 of a-z, 0-9, dot, dash and underscore)`,
  );
}

export function isName(text: string): text is PrincipalName {
  return NAME.test(text);
}

export function subjectOf(kind: SubjectKind, name: PrincipalName): Subject {
  return `${kind}:${name}` as Subject;
}

/** @throws MalformedError */
export function parseSubject(text: string): Subject {
  if (isSubject(text)) return text;
  throw new MalformedError(
    `not a subject: ${JSON.stringify(text.slice(0, 100))} (${SUBJECT_KINDS.map((kind) => `${kind}:NAME`).join(", ")}, authenticated or anonymous)`,
  );
}

export function isSubject(text: string): text is Subject {
  if (text === ANYBODY || text === AUTHENTICATED) return true;
  const name = SUBJECT.exec(text)?.[1];
  return name !== undefined && isName(name);
}
