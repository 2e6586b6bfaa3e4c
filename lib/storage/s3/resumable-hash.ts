import { createSHA256, createSHA512, type IHasher } from "hash-wasm";
import { type Algorithm, type Digest, makeDigest } from "../../oci/digest.ts";

const CREATE = { sha256: createSHA256, sha512: createSHA512 } as const;

/** A hash whose state can be saved and taken up by another process. Slower than that of node:crypto, which cannot. */
export class ResumableHash {
  readonly #algorithm: Algorithm;
  readonly #hasher: IHasher;

  private constructor(algorithm: Algorithm, hasher: IHasher) {
    this.#algorithm = algorithm;
    this.#hasher = hasher;
  }

  static async create(algorithm: Algorithm): Promise<ResumableHash> {
    return new ResumableHash(algorithm, (await CREATE[algorithm]()).init());
  }

  /** Goes on from a state that `result` has given. */
  static async load(algorithm: Algorithm, state: Uint8Array): Promise<ResumableHash> {
    return new ResumableHash(algorithm, (await CREATE[algorithm]()).load(state));
  }

  update(bytes: Uint8Array): void {
    this.#hasher.update(bytes);
  }

  digest(): Digest {
    return makeDigest(this.#algorithm, this.#hasher.digest("hex"));
  }

  /** The state may hold some of the hashed bytes, so it is to be kept like them. */
  result(): { readonly hash: Uint8Array; readonly digest: undefined } {
    return { hash: this.#hasher.save(), digest: undefined };
  }
}
