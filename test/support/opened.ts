/** Store under test. */
export interface Opened<Store> {
  readonly store: Store;
  /** Opens another instance over the same storage, as after a restart; the first is not used afterwards. */
  reopen(): Promise<Store>;
  close(): Promise<void>;
}
