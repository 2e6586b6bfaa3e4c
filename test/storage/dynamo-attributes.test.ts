import { marshall } from "@aws-sdk/util-dynamodb";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromItem, toItem } from "../../lib/storage/dynamodb/attributes.ts";

/** Names that are not properties of every object, which the SDK does not support. */
const USUAL_NAMES = fc.stringMatching(/^[a-z]{1,8}$/);
const ALL_NAMES = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("__proto__", "constructor"));

function recordsWith(names: fc.Arbitrary<string>): fc.Arbitrary<Record<string, unknown>> {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.string({ unit: "binary" }),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => Math.abs(number) < 2 ** 53),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(names, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));
  return fc.dictionary(names, value, { noNullPrototype: true });
}

/** Returns the JSON of an item, with binary in base64. */
function wire(item: object): unknown {
  return JSON.parse(
    JSON.stringify(item, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
    ),
  );
}

describe("the fields of a record", () => {
  it("are converted as the SDK converts them", () => {
    fc.assert(
      fc.property(recordsWith(USUAL_NAMES), (record) => {
        expect(toItem(record)).toEqual(wire(marshall(record)));
      }),
    );
  });

  it("are unchanged after a round trip through DynamoDB", () => {
    fc.assert(
      fc.property(recordsWith(ALL_NAMES), (record) => {
        expect(plain(fromItem(JSON.parse(JSON.stringify(toItem(record)))))).toEqual(plain(record));
      }),
    );
  });

  it("are omitted when they are undefined", () => {
    expect(toItem({ a: undefined, b: { c: undefined } })).toEqual({ b: { M: {} } });
  });

  it.each([
    ["not a number", Number.NaN],
    ["infinity", Number.POSITIVE_INFINITY],
    ["an unsafe integer", 2 ** 60],
    ["a function", () => 0],
    ["a symbol", Symbol("s")],
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["undefined in a list", [undefined]],
  ])("cannot be %s", (_, value) => {
    expect(() => toItem({ value })).toThrow(TypeError);
  });

  it("reject attribute types that records do not use", () => {
    expect(() => fromItem(JSON.parse('{"a":{"SS":["x"]}}'))).toThrow(TypeError);
  });
});

/** Converts binary values to one type: buffers are read where arrays were written. DynamoDB has no negative zero. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
  return value === 0 ? 0 : value;
}
