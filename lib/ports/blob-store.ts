import type { Digest } from "../oci/digest.ts";
import type { ByteRange } from "../oci/range.ts";
import type { Body } from "./body.ts";

export interface BlobStat {
  /** Bytes. */
  readonly size: number;
}

export interface BlobStore {
  stat(digest: Digest): Promise<BlobStat | undefined>;
  /** The blob, or the given part of it. */
  get(digest: Digest, range?: ByteRange): Promise<Body | undefined>;
  /**
   * Stores a blob whose digest is known beforehand. It appears whole, or not at all, and is durable then.
   * @throws OciError `DIGEST_INVALID` when the body has another digest
   */
  put(digest: Digest, body: Body): Promise<BlobStat>;
  /** A URL at which the blob can be had for a while without credentials, if the store can make one by itself. */
  locate?(digest: Digest): Promise<string>;
}
