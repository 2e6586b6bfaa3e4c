import { OciError } from "./errors.ts";

/** Bytes `first` to `last`, both included, as HTTP counts them. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

const SINGLE_RANGE = /^bytes=(\d{0,16})-(\d{0,16})$/i;
/** `^[0-9]+-[0-9]+$`: spec.md#pushing-a-blob-in-chunks. Some clients write it in the form of RFC 9110. */
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
  if (match === null || last < first) {
    throw new OciError("BLOB_UPLOAD_INVALID", {
      message: "Content-Range must be <first byte>-<last byte>, both included",
    });
  }
  return { first, last };
}

export function rangeLength(range: ByteRange): number {
  return range.last - range.first + 1;
}
