import { PARTITION_ATTRIBUTE, SORT_ATTRIBUTE } from "../../ports/record-keys.ts";
import type { Change, Entry, Key, QueryOptions, RecordStore } from "../../ports/record-store.ts";
import { fromItem, type Item, toItem } from "./attributes.ts";
import { type DynamoClient, DynamoError } from "./client.ts";
import { conditionExpression } from "./expression.ts";
import type { Input, TransactItem } from "./operations.ts";
import { retryWithBackoff, runTransaction } from "./retry.ts";

/** Suffix that makes a prefix the upper bound of the sort keys that begin with it: sort keys are ASCII. */
const PREFIX_END = "\u{10ffff}";

/** Client and table name. */
export interface DynamoOptions {
  readonly client: DynamoClient;
  readonly table: string;
}

/** Parameters of a query that differ between pages and kinds of queries. */
type QueryRest = Pick<Input<"Query">, "Limit" | "ExclusiveStartKey" | "ProjectionExpression">;

/** Records in one DynamoDB table with the keys `PK` and `SK`. All reads are strongly consistent. */
export class DynamoRecords implements RecordStore {
  readonly #client: DynamoClient;
  readonly #table: string;

  constructor({ client, table }: DynamoOptions) {
    this.#client = client;
    this.#table = table;
  }

  async get<T>(key: Key<T>): Promise<T | undefined> {
    const input = { TableName: this.#table, Key: itemKey(key), ConsistentRead: true };
    const { Item } = await retryWithBackoff(() => this.#client.call("GetItem", input));
    return Item === undefined ? undefined : fieldsOf<T>(Item);
  }

  async getMany<T>(keys: readonly Key<T>[]): Promise<readonly (T | undefined)[]> {
    if (keys.length === 0) return []; // DynamoDB rejects an empty batch.
    const found = new Map<string, T>();
    let remaining: readonly Item[] = keys.map(itemKey);
    await retryWithBackoff(async () => {
      const { items, unprocessed } = await this.#getBatch(remaining);
      for (const item of items) found.set(identity(item), fieldsOf<T>(item));
      remaining = unprocessed;
      if (remaining.length > 0) throw new DynamoError("ThrottlingException", "not all keys were read", 200);
    });
    return keys.map((key) => found.get(identity(itemKey(key))));
  }

  async query<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Entry<T>[]> {
    return (await this.#queryItems(prefix, options)).map((item) => entryOf<T>(item));
  }

  async queryKeys<T>(prefix: Key<T>, options: QueryOptions): Promise<readonly Key<T>[]> {
    const keysOnly = { ProjectionExpression: `${PARTITION_ATTRIBUTE}, ${SORT_ATTRIBUTE}` };
    return (await this.#queryItems(prefix, options, keysOnly)).map((item) => entryOf<T>(item).key);
  }

  async write(changes: readonly Change[]): Promise<void> {
    const [only] = changes;
    if (only === undefined) return;
    if (changes.length === 1 && only.condition === undefined) return await this.#writeOne(only);
    const TransactItems = changes.map((change) => this.#toItem(change));
    await runTransaction(changes, (token) =>
      this.#client.call("TransactWriteItems", { TransactItems, ClientRequestToken: token }),
    );
  }

  /** Writes one record without a transaction, at half the cost. Retries are safe, since the change is unconditional. */
  async #writeOne(change: Change): Promise<void> {
    const { Put, Delete } = this.#toItem(change);
    if (Put !== undefined) await retryWithBackoff(() => this.#client.call("PutItem", Put));
    if (Delete !== undefined) await retryWithBackoff(() => this.#client.call("DeleteItem", Delete));
  }

  async #getBatch(keys: readonly Item[]) {
    const RequestItems = { [this.#table]: { Keys: keys, ConsistentRead: true } };
    const response = await this.#client.call("BatchGetItem", { RequestItems });
    return {
      items: response.Responses?.[this.#table] ?? [],
      unprocessed: response.UnprocessedKeys?.[this.#table]?.Keys ?? [],
    };
  }

  async #queryItems(prefix: Key<unknown>, options: QueryOptions, projection = {}): Promise<readonly Item[]> {
    const found: Item[] = [];
    let next: Item | undefined;
    do {
      const rest = { ...projection, Limit: options.limit - found.length, ExclusiveStartKey: next };
      const page = await this.#queryPage(prefix, options, rest);
      for (const item of page.items) found.push(item);
      next = page.next;
    } while (next !== undefined && found.length < options.limit);
    return found;
  }

  async #queryPage(prefix: Key<unknown>, { after = "" }: QueryOptions, rest: QueryRest) {
    const first = after >= prefix.sort ? `${after}\u0000` : prefix.sort;
    const last = `${prefix.sort}${PREFIX_END}`;
    // DynamoDB rejects a range whose end precedes its start.
    if (Buffer.compare(Buffer.from(first), Buffer.from(last)) > 0) return { items: [], next: undefined };
    const input = {
      TableName: this.#table,
      ConsistentRead: true,
      KeyConditionExpression: `${PARTITION_ATTRIBUTE} = :partition AND ${SORT_ATTRIBUTE} BETWEEN :first AND :last`,
      ExpressionAttributeValues: toItem({ ":partition": prefix.partition, ":first": first, ":last": last }),
      ...rest,
    };
    const { Items = [], LastEvaluatedKey } = await retryWithBackoff(() => this.#client.call("Query", input));
    return { items: Items, next: LastEvaluatedKey };
  }

  #toItem(change: Change): TransactItem {
    const common = { TableName: this.#table, ...conditionExpression(change.condition) };
    if ("put" in change) {
      const Item = { ...toItem(change.value), ...itemKey(change.put) };
      return { Put: { ...common, Item } };
    }
    if ("remove" in change) return { Delete: { ...common, Key: itemKey(change.remove) } };
    const ConditionExpression = common.ConditionExpression ?? "";
    return { ConditionCheck: { ...common, ConditionExpression, Key: itemKey(change.check) } };
  }
}

function itemKey({ partition, sort }: Key<unknown>): Item {
  return { [PARTITION_ATTRIBUTE]: { S: partition }, [SORT_ATTRIBUTE]: { S: sort } };
}

function identity(item: Item): string {
  return `${item[PARTITION_ATTRIBUTE]?.S}\n${item[SORT_ATTRIBUTE]?.S}`;
}

function fieldsOf<T>(item: Item): T {
  const { [PARTITION_ATTRIBUTE]: _partition, [SORT_ATTRIBUTE]: _sort, ...value } = fromItem(item);
  return value as T;
}

function entryOf<T>(item: Item): Entry<T> {
  const partition = item[PARTITION_ATTRIBUTE]?.S ?? "";
  const sort = item[SORT_ATTRIBUTE]?.S ?? "";
  return { key: { partition, sort }, value: fieldsOf<T>(item) };
}
