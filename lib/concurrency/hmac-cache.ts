import { createHmac, randomBytes } from "node:crypto";
import { BoundedMap } from "./bounded-map.ts";

/**
 * A bounded cache whose keys are secrets. It stores only HMACs of them, made with a key private to this object, so that its
 * contents do not reveal the secrets.
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
