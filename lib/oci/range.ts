import { OciError } from "./errors.ts";

/** The bytes from offset `first` to offset `last`, both inclusive, as in HTTP. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const SINGLE_RANGE = /^bytes=(\d{0,16})-(\d{0,16})$/i;
/** The distribution spec's form, `0-99`, and the form of RFC 9110, `bytes 0-99/100`, which some clients send. */
const CHUNK_RANGE = /^(?:bytes )?(\d{1,16})-(\d{1,16})(?:\/(?:\d+|\*))?$/;

/**
 * Parses a `Range` header. A malformed header, or a header with several ranges, is ignored.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-14.2
 * @param size size of the blob in bytes
 * @returns undefined for the whole blob
 * @throws RangeNotSatisfiableError with status 416 when the range contains no byte of the blob
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = SINGLE_RANGE.exec(header ?? "");
  if (match === null) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  const first = from === "" ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  // An empty blob has no byte ranges, but a client that resumes at offset 0 already has all of it.
  if (size === 0 && first === 0 && !(from === "" && Number(to) === 0)) return undefined;
  if (first > last) throw new RangeNotSatisfiableError(size);
  return { first, last };
}

/**
 * A range that contains no byte of the blob. The response states the blob's size in bytes.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.17
 */
export class RangeNotSatisfiableError extends OciError {
  readonly size: number;

  constructor(size: number) {
    super("SIZE_INVALID", { status: 416, message: "range is beyond the end of the blob", detail: { size } });
    this.size = size;
  }
}

/**
 * Parses the `Content-Range` header of a chunk.
 * @throws OciError `BLOB_UPLOAD_INVALID` when the header is malformed
 */
export function parseContentRange(header: string | undefined): ByteRange | undefined {
  if (header === undefined) return undefined;
  const match = CHUNK_RANGE.exec(header.trim());
  const first = Number(match?.[1]);
  const last = Number(match?.[2]);
  // MUST: "It MUST match the following regular expression:"
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  if (match === null || last < first) {
    throw new OciError("BLOB_UPLOAD_INVALID", {
      message: "malformed Content-Range: use <first byte>-<last byte>, both inclusive",
    });
  }
  return { first, last };
}

/** Returns the number of bytes in a range. */
export function rangeLength(range: ByteRange): number {
  // MUST: "The `<range>` refers to the byte range of the chunk, and MUST be inclusive on both ends."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  return range.last - range.first + 1;
}
