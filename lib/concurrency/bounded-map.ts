/** A map of at most `maxEntries` entries. When it is full, it evicts the entry that was added first. */
export class BoundedMap<V> {
  readonly #maxEntries: number;
  readonly #entries = new Map<string, V>();

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    const [oldest] = this.#entries.keys();
    const isFull = this.#entries.size >= this.#maxEntries && !this.#entries.has(key);
    if (isFull && oldest !== undefined) this.#entries.delete(oldest);
    this.#entries.set(key, value);
  }
}
