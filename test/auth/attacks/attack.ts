import type { IdentitiesLab } from "../identities-lab.ts";

/** A password that nobody may log in with. */
export interface Attack {
  readonly attack: string;
  password(lab: IdentitiesLab): Promise<string>;
  /** What the log says: that it is refused for this very reason. */
  readonly why: RegExp;
}
