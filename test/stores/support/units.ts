import type { Attribute, Item } from "../../../lib/storage/dynamodb/attributes.ts";

/**
 * Request to DynamoDB, whose units are computed as documented ("Read and write operations" and "Item sizes" in the
 * developer guide) because DynamoDB Local counts differently: a write uses one unit for each started kilobyte of the
 * item, two in a transaction, even for a condition check; a strongly consistent read uses one for each started four
 * kilobytes, and one when nothing is found.
 */
interface Input {
  readonly Item?: Item;
  readonly TransactItems?: readonly {
    readonly Put?: { readonly Item?: Item };
    readonly Delete?: object;
    readonly ConditionCheck?: object;
  }[];
  readonly RequestItems?: Readonly<Record<string, { readonly Keys?: readonly Item[] }>>;
}

interface Output {
  readonly Item?: Item;
  readonly Items?: readonly Item[];
  readonly Responses?: Readonly<Record<string, readonly Item[]>>;
}

/** Units of deleted and checked items, which are small: sessions, tags, references. */
const SMALL_RECORD_UNITS = 1;

/** Returns the write units of a call. */
export function writeUnits(command: string, input: object): number {
  const { Item, TransactItems }: Input = input;
  if (command === "DeleteItem") return SMALL_RECORD_UNITS;
  if (command === "PutItem") return kilobytes(Item ?? {}, 1);
  const units = (TransactItems ?? []).map(({ Put }) =>
    Put?.Item === undefined ? SMALL_RECORD_UNITS : kilobytes(Put.Item, 1),
  );
  return 2 * sum(units);
}

/** Returns the read units of a call. */
export function readUnits(command: string, asking: object, response: object): number {
  const input: Input = asking;
  const output: Output = response;
  if (command === "GetItem") return kilobytes(output.Item ?? {}, 4);
  if (command === "Query") return Math.max(1, Math.ceil(sum((output.Items ?? []).map(sizeOf)) / 4096));
  if (command !== "BatchGetItem") return 0;
  const requestedKeys = sum(Object.values(input.RequestItems ?? {}).map(({ Keys = [] }) => Keys.length));
  const found = Object.values(output.Responses ?? {}).flat();
  return sum(found.map((item) => kilobytes(item, 4))) + requestedKeys - found.length;
}

function kilobytes(item: Item, each: number): number {
  return Math.max(1, Math.ceil(sizeOf(item) / 1024 / each));
}

/** Returns the bytes of an item, attribute names included. */
export function sizeOf(item: Item): number {
  return sum(Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + sizeOfValue(value)));
}

function sizeOfValue(value: Attribute): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.B !== undefined) return Buffer.byteLength(value.B, "base64");
  if (value.N !== undefined) return Math.ceil(value.N.length / 2) + 1;
  if (value.L !== undefined) return 3 + sum(value.L.map((item) => 1 + sizeOfValue(item)));
  if (value.M !== undefined) return 3 + Object.keys(value.M).length + sizeOf(value.M);
  return 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
