import type { Attribute, Item } from "../../../lib/storage/dynamodb/attributes.ts";

/**
 * What a call costs in DynamoDB's units, by its documentation ("Read and write operations" and "Item sizes" in the
 * developer guide), since DynamoDB Local does not count as DynamoDB does: a write takes a unit for each kilobyte of the
 * item that was begun, in a transaction two, also to check a condition; a strongly consistent read takes one for each
 * four kilobytes, and one when there is nothing.
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

/** Whatever is deleted or checked here is a small record, or one that counts as such: a session, a tag, a reference. */
const SMALL = 1;

export function writeUnits(command: string, input: object): number {
  const { Item, TransactItems }: Input = input;
  if (command === "DeleteItem") return SMALL;
  if (command === "PutItem") return kilobytes(Item ?? {}, 1);
  const units = (TransactItems ?? []).map(({ Put }) =>
    Put?.Item === undefined ? SMALL : kilobytes(Put.Item, 1),
  );
  return 2 * sum(units);
}

export function readUnits(command: string, asking: object, answer: object): number {
  const input: Input = asking;
  const output: Output = answer;
  if (command === "GetItem") return kilobytes(output.Item ?? {}, 4);
  if (command === "Query") return Math.max(1, Math.ceil(sum((output.Items ?? []).map(sizeOf)) / 4096));
  if (command !== "BatchGetItem") return 0;
  const asked = sum(Object.values(input.RequestItems ?? {}).map(({ Keys = [] }) => Keys.length));
  const found = Object.values(output.Responses ?? {}).flat();
  return sum(found.map((item) => kilobytes(item, 4))) + asked - found.length;
}

function kilobytes(item: Item, each: number): number {
  return Math.max(1, Math.ceil(sizeOf(item) / 1024 / each));
}

function sizeOf(item: Item): number {
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
