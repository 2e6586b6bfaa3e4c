import { createHmac, randomBytes } from "node:crypto";
import { BoundedMap } from "./bounded-map.ts";

/**
 * A bounded cache whose keys are secrets. It stores their HMACs under a key that only this object has, so that its content
 * does not reveal the secrets.
 */
export class HmacCache<V> {
  readonly #key = randomBytes(32);
  readonly #entries: BoundedMap<V>;

  constructor(maxEntries: number) {
    this.#entries = new BoundedMap(maxEntries);
  }

  get(secret: string): V | undefined {
    return this.#entries.get(this.#nameOf(secret));
  }

  set(secret: string, value: V): void {
    this.#entries.set(this.#nameOf(secret), value);
  }

  #nameOf(secret: string): string {
    return createHmac("sha256", this.#key).update(secret).digest("base64");
  }
}
