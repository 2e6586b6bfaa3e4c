import type { Digest } from "../oci/digest.ts";
import type { ByteRange } from "../oci/range.ts";
import type { Body } from "./body.ts";

/** The metadata of a stored blob. */
export interface BlobStat {
  /** Bytes. */
  readonly size: number;
}

/** A store of blobs by their digest. */
export interface BlobStore {
  /** Returns undefined when no such blob is stored. */
  stat(digest: Digest): Promise<BlobStat | undefined>;
  /** Returns the blob or the given range of it, or undefined when no such blob is stored. */
  get(digest: Digest, range?: ByteRange): Promise<Body | undefined>;
  /**
   * Stores a blob whose digest is known beforehand. It becomes visible only when it is complete and durable.
   * @param body whose chunks stay unchanged until the blob is stored
   * @param length bytes of the body, when known beforehand
   * @throws OciError `DIGEST_INVALID` when the body has another digest, `SIZE_INVALID` when the store has verified that its
   *   length is another one
   */
  put(digest: Digest, body: Body, length?: number): Promise<BlobStat>;
  /** Returns a URL from which the blob can be fetched without credentials for a limited time. Optional capability. */
  locate?(digest: Digest): Promise<string>;
}
