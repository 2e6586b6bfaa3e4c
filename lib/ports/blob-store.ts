import type { Digest } from "../oci/digest.ts";
import type { ByteRange } from "../oci/range.ts";
import type { Body } from "./body.ts";

/** The metadata of a stored blob. */
export interface BlobStat {
  /** Bytes. */
  readonly size: number;
}

/** A store of blobs, addressed by digest. */
export interface BlobStore {
  /** Returns undefined when the blob is not stored. */
  stat(digest: Digest): Promise<BlobStat | undefined>;
  /**
   * Returns the blob, or a range of it, or undefined when the blob is not stored.
   * @param size expected size in bytes; a store that knows the actual size in advance returns undefined on a mismatch
   */
  get(digest: Digest, range?: ByteRange, size?: number): Promise<Body | undefined>;
  /**
   * Stores a blob whose digest is known in advance. The blob becomes visible only when it is complete and durable.
   * @param body its chunks must not be modified until the blob is stored
   * @param length length of the body in bytes, if known in advance
   * @throws OciError `DIGEST_INVALID` when the body does not match the digest, `SIZE_INVALID` when a store that verifies the
   *   length finds a mismatch
   */
  put(digest: Digest, body: Body, length?: number): Promise<BlobStat>;
  /** Returns a URL from which the blob can be fetched without credentials for a limited time. Optional capability. */
  locate?(digest: Digest): Promise<string>;
}
