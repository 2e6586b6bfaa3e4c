import { createSHA256, createSHA512, type IHasher } from "hash-wasm";
import { type Algorithm, type Digest, makeDigest } from "../../oci/digest.ts";

const HASHER_FACTORIES = { sha256: createSHA256, sha512: createSHA512 } as const;

/** Hash whose state can be saved, and resumed by another process. Slower than node:crypto, which does not support this. */
export class ResumableHash {
  readonly #algorithm: Algorithm;
  readonly #hasher: IHasher;

  private constructor(algorithm: Algorithm, hasher: IHasher) {
    this.#algorithm = algorithm;
    this.#hasher = hasher;
  }

  /** Creates a new hash. */
  static async create(algorithm: Algorithm): Promise<ResumableHash> {
    return new ResumableHash(algorithm, (await HASHER_FACTORIES[algorithm]()).init());
  }

  /** Resumes from a state that `result` returned. */
  static async load(algorithm: Algorithm, state: Uint8Array): Promise<ResumableHash> {
    return new ResumableHash(algorithm, (await HASHER_FACTORIES[algorithm]()).load(state));
  }

  /** Adds bytes. */
  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes);
  }

  /** Returns the digest and ends the hash. */
  digest(): Digest {
    return makeDigest(this.#algorithm, this.#hasher.digest("hex"));
  }

  /** Returns the state. It may contain some of the hashed bytes, so it must be protected like them. */
  result(): { readonly hash: Uint8Array; readonly digest: undefined } {
    return { hash: this.#hasher.save(), digest: undefined };
  }
}
