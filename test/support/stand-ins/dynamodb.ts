import type { Attribute, Item } from "../../../lib/storage/dynamodb/attributes.ts";
import { type DynamoClient, DynamoError } from "../../../lib/storage/dynamodb/client.ts";
import type {
  ConditionExpression,
  Input,
  Operation,
  Output,
  TransactItem,
} from "../../../lib/storage/dynamodb/operations.ts";
import { sizeOf } from "../../stores/support/units.ts";

/** Maximum bytes of the items that one query reads. */
const PAGE_BYTES = 1024 * 1024;

/**
 * DynamoDB in memory, for the requests that the registry sends, which counts calls and capacity units as documented: reads of
 * 4 KB, writes of 1 KB of the larger of the old and the new item, twice in a transaction.
 */
export class DynamoStandIn implements DynamoClient {
  readonly #items = new Map<string, Map<string, Item>>();
  calls: Operation[] = [];
  reads = 0;
  writes = 0;

  /** Resets the counters. */
  reset(): void {
    this.calls = [];
    this.reads = 0;
    this.writes = 0;
  }

  async call<O extends Operation>(operation: O, input: Input<O>): Promise<Output<O>> {
    this.calls.push(operation);
    const handlers: { readonly [P in Operation]: (input: Input<P>) => Output<P> } = {
      GetItem: ({ Key }) => this.#get(Key),
      BatchGetItem: ({ RequestItems }) => this.#getBatch(RequestItems),
      Query: (query) => this.#query(query),
      PutItem: (put) => this.#write([{ Put: put }], 1),
      DeleteItem: (remove) => this.#write([{ Delete: remove }], 1),
      TransactWriteItems: ({ TransactItems }) => this.#write(TransactItems, 2),
    };
    return handlers[operation](input);
  }

  destroy(): void {
    this.#items.clear();
  }

  #get(key: Item): Output<"GetItem"> {
    const found = this.#find(key);
    this.reads += unitsOf(found, 4);
    return found === undefined ? {} : { Item: found };
  }

  #getBatch(requests: Input<"BatchGetItem">["RequestItems"]): Output<"BatchGetItem"> {
    const read = ({ Keys }: { readonly Keys: readonly Item[] }) =>
      Keys.map((key) => this.#get(key).Item).filter((item) => item !== undefined);
    const tables = Object.entries(requests).map(([table, request]) => [table, read(request)] as const);
    return { Responses: Object.fromEntries(tables) };
  }

  #query(query: Input<"Query">): Output<"Query"> {
    const { ":partition": partition, ":first": first, ":last": last } = query.ExpressionAttributeValues;
    const after = query.ExclusiveStartKey?.["SK"]?.S;
    const candidates = [...(this.#items.get(textOf(partition)) ?? [])]
      .filter(([sort]) => compareBytes(sort, textOf(first)) >= 0 && compareBytes(sort, textOf(last)) <= 0)
      .filter(([sort]) => after === undefined || compareBytes(sort, after) > 0)
      .sort(([a], [b]) => compareBytes(a, b));
    const Items: Item[] = [];
    let bytes = 0;
    for (const [, item] of candidates) {
      if (Items.length === query.Limit || bytes >= PAGE_BYTES) break;
      Items.push(item);
      bytes += sizeOf(item);
    }
    this.reads += Math.max(1, Math.ceil(bytes / 4096));
    const end = Items.at(-1);
    return Items.length < candidates.length && end !== undefined
      ? { Items, LastEvaluatedKey: keyOf(end) }
      : { Items };
  }

  #write(changes: readonly TransactItem[], factor: number): Record<string, never> {
    const failed = changes.map((change) => !isFulfilled(targetOf(change), this.#find(keyIn(change))));
    if (failed.includes(true)) {
      const reasons = failed.map((one) => ({ Code: one ? "ConditionalCheckFailed" : "None" }));
      throw new DynamoError("TransactionCanceledException", "a condition failed", 400, reasons);
    }
    for (const change of changes) {
      const before = this.#find(keyIn(change));
      this.writes += factor * Math.max(unitsOf(before, 1), unitsOf(change.Put?.Item, 1));
      this.#apply(change);
    }
    return {};
  }

  #apply(change: TransactItem): void {
    const { PK, SK } = keyIn(change);
    const partition = this.#items.get(textOf(PK)) ?? new Map<string, Item>();
    this.#items.set(textOf(PK), partition);
    if (change.Put !== undefined) partition.set(textOf(SK), change.Put.Item);
    if (change.Delete !== undefined) partition.delete(textOf(SK));
  }

  #find({ PK, SK }: Item): Item | undefined {
    return this.#items.get(textOf(PK))?.get(textOf(SK));
  }
}

function unitsOf(item: Item | undefined, kilobytes: number): number {
  return item === undefined ? 1 : Math.max(1, Math.ceil(sizeOf(item) / 1024 / kilobytes));
}

function targetOf({ Put, Delete, ConditionCheck }: TransactItem): ConditionExpression {
  return Put ?? Delete ?? ConditionCheck ?? {};
}

function keyIn({ Put, Delete, ConditionCheck }: TransactItem): Item {
  return keyOf(Put?.Item ?? Delete?.Key ?? ConditionCheck?.Key ?? {});
}

function keyOf({ PK, SK }: Item): Item {
  return { ...(PK && { PK }), ...(SK && { SK }) };
}

/** Returns whether a condition in one of the forms that the registry sends holds. */
function isFulfilled(condition: ConditionExpression, found: Item | undefined): boolean {
  const {
    ConditionExpression: text,
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
  } = condition;
  if (text === undefined) return true;
  if (text === "attribute_not_exists(PK)") return found === undefined;
  if (text === "attribute_exists(PK)") return found !== undefined;
  return text.split(" AND ").every((part) => {
    const [name = "", value = ""] = part.split(" = ");
    return JSON.stringify(found?.[names[name] ?? ""]) === JSON.stringify(values[value]);
  });
}

function textOf(attribute: Attribute | undefined): string {
  return attribute?.S ?? "";
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
