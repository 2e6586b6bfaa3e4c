import type { IdentitiesLab } from "../identities-lab.ts";

/** A password that must be rejected. */
export interface Attack {
  readonly attack: string;
  password(lab: IdentitiesLab): Promise<string>;
  /** The expected error, which names the exact reason. */
  readonly why: RegExp;
}
