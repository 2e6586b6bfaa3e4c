import { MalformedError } from "../malformed-error.ts";

/** The actions on a repository. `admin` implies all others; no other action implies another. */
export const ACTIONS = ["pull", "push", "delete", "admin"] as const;

/** An action on a repository. */
export type Action = (typeof ACTIONS)[number];

/** Returns whether the text is an action. */
export function isAction(text: string): text is Action {
  return ACTIONS.some((action) => action === text);
}

/** Parses an action. @throws MalformedError */
export function parseAction(text: string): Action {
  if (isAction(text)) return text;
  throw new MalformedError(`unknown action: ${text.slice(0, 50)} (use ${ACTIONS.join(", ")})`);
}

/** Phrases of the actions, to be followed by a repository. */
const PHRASES: Readonly<Record<Action, string>> = {
  pull: "pull from",
  push: "push to",
  delete: "delete in",
  admin: "administer",
};

/** Returns an action on a repository in words, for example "push to acme/app". */
export function describeAction(action: Action, repository: string): string {
  return `${PHRASES[action]} ${repository}`;
}

/** Returns whether the granted actions permit the action. */
export function includesAction(granted: readonly Action[], action: Action): boolean {
  return granted.includes(action) || granted.includes("admin");
}
