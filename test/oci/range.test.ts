import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseContentRange, parseRange, RangeNotSatisfiableError, rangeLength } from "../../lib/oci/range.ts";
import { ociError, thrown } from "../support/errors.ts";

describe("a Range header, of a blob of 10 bytes,", () => {
  it.each<[string, string, number, number]>([
    ["a part", "bytes=2-5", 2, 5],
    ["the first byte", "bytes=0-0", 0, 0],
    ["the last byte", "bytes=9-9", 9, 9],
    ["all bytes, by first and last", "bytes=0-9", 0, 9],
    ["the rest", "bytes=4-", 4, 9],
    ["all bytes, by first alone", "bytes=0-", 0, 9],
    ["the last bytes", "bytes=-3", 7, 9],
    ["more last bytes than there are", "bytes=-30", 0, 9],
    ["more bytes than there are", "bytes=5-30", 5, 9],
    ["a huge last byte", "bytes=5-9999999999999999", 5, 9],
    ["a part, in upper case", "BYTES=2-5", 2, 5],
    ["a part, with leading zeros", "bytes=002-005", 2, 5],
  ])("requests %s: %s", (_, header, first, last) => {
    expect(parseRange(header, 10)).toEqual({ first, last });
  });

  it.each<[string, string | undefined]>([
    ["missing", undefined],
    ["empty", ""],
    ["of another unit", "lines=0-1"],
    ["without numbers", "bytes=-"],
    ["without a unit", "0-5"],
    ["of two ranges", "bytes=0-1,3-4"],
    ["negative on both sides", "bytes=-1-5"],
    ["not of numbers", "bytes=a-b"],
    ["in hex", "bytes=0x1-0x2"],
    ["spaced", "bytes=0 - 5"],
    ["of one number", "bytes=5"],
    ["of numbers beyond the size of any blob", `bytes=${"9".repeat(17)}-`],
  ])("is ignored when it is %s", (_, header) => {
    expect(parseRange(header, 10)).toBeUndefined();
  });

  it.each<[string, string]>([
    ["begins at the end of the blob", "bytes=10-"],
    ["begins far beyond the end", "bytes=100-200"],
    ["requests no last byte", "bytes=-0"],
  ])("cannot be satisfied when it %s: %s", (_, header) => {
    const error = thrown(() => parseRange(header, 10));
    expect(error).toBeInstanceOf(RangeNotSatisfiableError);
    expect(error).toMatchObject({ status: 416, size: 10 });
  });
});

describe("a Range header of an empty blob", () => {
  it.each(["bytes=0-", "bytes=0-0", "bytes=0-99", "bytes=-5"])("requests the whole blob: %s", (header) => {
    expect(parseRange(header, 0)).toBeUndefined();
  });

  it.each(["bytes=1-", "bytes=5-9", "bytes=-0"])("cannot be satisfied: %s", (header) => {
    expect(() => parseRange(header, 0)).toThrow(ociError("SIZE_INVALID", 416));
  });

  it("requests the whole blob when it is missing", () => {
    expect(parseRange(undefined, 0)).toBeUndefined();
  });
});

describe("any Range header", () => {
  const size = fc.nat(50);
  const number = fc.oneof(fc.constant(""), fc.nat(60).map(String));

  it("selects bytes of the blob, fails with 416, or is ignored", () => {
    fc.assert(
      fc.property(number, number, size, (from, to, blobSize) => {
        const range = tryRange(`bytes=${from}-${to}`, blobSize);
        if (range === undefined || range === "rejected") return;
        expect(range.first).toBeGreaterThanOrEqual(0);
        expect(range.last).toBeLessThan(blobSize);
        expect(rangeLength(range)).toBeGreaterThan(0);
      }),
    );
  });

  it("selects exactly the bytes that it names", () => {
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 50 }), (from, length, blobSize) => {
        const bytes = Array.from({ length: blobSize }, (_, index) => index);
        const range = tryRange(`bytes=${from}-${from + length}`, blobSize);
        const expected = bytes.slice(from, from + length + 1);
        if (range === "rejected") expect(expected).toEqual([]);
        else expect(bytes.slice(range?.first, (range?.last ?? 0) + 1)).toEqual(expected);
      }),
    );
  });

  it("causes no error except 416, whatever its value", () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."bytes=0123456789-, ") }));
    fc.assert(fc.property(text, size, (header, blobSize) => void tryRange(header, blobSize)));
  });

  function tryRange(header: string, blobSize: number) {
    try {
      return parseRange(header, blobSize);
    } catch (error) {
      if (error instanceof RangeNotSatisfiableError) return "rejected";
      throw error;
    }
  }
});

describe("a Content-Range header", () => {
  it.each<[string, number, number]>([
    ["0-9", 0, 9],
    ["5-5", 5, 5],
    ["10-19", 10, 19],
    [" 10-19 ", 10, 19],
    ["bytes 10-19/20", 10, 19],
    ["bytes 10-19/*", 10, 19],
    ["bytes 10-19", 10, 19],
  ])("defines the bytes of a chunk: %j", (header, first, last) => {
    expect(parseContentRange(header)).toEqual({ first, last });
  });

  it("can be missing", () => {
    expect(parseContentRange(undefined)).toBeUndefined();
  });

  it.each([
    "",
    "-",
    "5",
    "5-",
    "-5",
    "9-0",
    "a-b",
    "0-9,10-19",
    "bytes=0-9",
    "0–9",
    "1e3-2e3",
    `0-${"9".repeat(17)}`,
  ])("is rejected when it is %j", (header) => {
    expect(() => parseContentRange(header)).toThrow(ociError("BLOB_UPLOAD_INVALID", 400));
  });

  it("defines the length of the chunk", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (first, more) => {
        const range = parseContentRange(`${first}-${first + more}`);
        expect(range === undefined ? 0 : rangeLength(range)).toBe(more + 1);
      }),
    );
  });
});
