import { ANYBODY, type Subject } from "./grants/subject.ts";

/** Somebody whose credentials were found good, or nobody in particular. */
export interface Identity {
  /** For logs and people: `user:alice`, `oidc:<issuer> <sub>`, `aws:<ARN>`. */
  readonly name: string;
  /** What grants can be given to that hold for them; that which holds for everybody need not be listed. */
  readonly subjects: readonly Subject[];
  /** Until when the credentials themselves are good, where they say so. */
  readonly notAfter?: Date;
  /** Which of a user's or robot's secrets it was. */
  readonly secret?: string;
}

export const ANONYMOUS: Identity = { name: "anonymous", subjects: [] };

export function isAnonymous({ name }: Identity): boolean {
  return name === ANONYMOUS.name;
}

export function allSubjects({ subjects }: Identity): readonly Subject[] {
  return [...subjects, ANYBODY];
}
