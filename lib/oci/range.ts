import { OciError } from "./errors.ts";

/** Bytes `first` to `last`, both included, as HTTP counts them. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const SINGLE_RANGE = /^bytes=(\d{0,16})-(\d{0,16})$/i;
/** The form of the spec, `0-99`, and that of RFC 9110, `bytes 0-99/100`, which some clients send. */
const CHUNK_RANGE = /^(?:bytes )?(\d{1,16})-(\d{1,16})(?:\/(?:\d+|\*))?$/;

/**
 * The part of a blob that a `Range` header asks for. A header that is not understood, several ranges included,
 * asks for the whole: RFC 9110, section 14.2.
 * @param size of the blob, in bytes
 * @returns undefined for the whole blob
 * @throws OciError with status 416 when no byte of the blob lies in the range
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = SINGLE_RANGE.exec(header ?? "");
  if (match === null) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  const first = from === "" ? Math.max(size - Number(to), 0) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new RangeNotSatisfiableError(size);
  return { first, last };
}

/** RFC 9110, section 15.5.17: the answer says how many bytes there are. */
export class RangeNotSatisfiableError extends OciError {
  readonly size: number;

  constructor(size: number) {
    super("SIZE_INVALID", { status: 416, message: "the range lies beyond the blob", detail: { size } });
    this.size = size;
  }
}

/**
 * The bytes that a chunk says it holds.
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
      message: "Content-Range must be <first byte>-<last byte>, both included",
    });
  }
  return { first, last };
}

export function rangeLength(range: ByteRange): number {
  // MUST: "The `<range>` refers to the byte range of the chunk, and MUST be inclusive on both ends."
  // https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks
  return range.last - range.first + 1;
}
