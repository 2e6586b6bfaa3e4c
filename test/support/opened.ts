/** A store under test. */
export interface Opened<Store> {
  readonly store: Store;
  /** Another instance over the same storage, as after a restart; the first is not used any more. */
  reopen(): Promise<Store>;
  close(): Promise<void>;
}
