/** A resource in a synthesized stack, with unresolved references. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: unknown;
  readonly isConditional: boolean;
}
