import type { IdentitiesContext } from "../identities-context.ts";

/** A password that must be rejected. */
export interface Attack {
  readonly attack: string;
  password(context: IdentitiesContext): Promise<string>;
  /** The expected error, which names the exact reason. */
  readonly why: RegExp;
}
