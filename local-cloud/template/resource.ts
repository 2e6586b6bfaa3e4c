/** A resource of a synthesized stack, with its references not resolved yet. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: unknown;
  readonly isConditional: boolean;
}
