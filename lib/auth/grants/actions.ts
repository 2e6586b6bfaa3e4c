import { MalformedError } from "../malformed-error.ts";
/** What may be done with a repository. None implies another, but for `admin`, which implies all. */
export const ACTIONS = ["pull", "push", "delete", "admin"] as const;

export type Action = (typeof ACTIONS)[number];

export function isAction(text: string): text is Action {
  return ACTIONS.some((action) => action === text);
}

/** @throws MalformedError */
export function parseAction(text: string): Action {
  if (isAction(text)) return text;
  throw new MalformedError(`no such action: ${text.slice(0, 50)} (there are ${ACTIONS.join(", ")})`);
}

/** Whether somebody who was given these may do the action. */
export function includes(given: readonly Action[], action: Action): boolean {
  return given.includes(action) || given.includes("admin");
}
