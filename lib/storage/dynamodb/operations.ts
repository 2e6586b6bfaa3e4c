import type { Item } from "./attributes.ts";

// What the registry asks of DynamoDB, as much of each operation as it uses:
// docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html

/** The parts of a request that state a condition. */
export interface ConditionExpression {
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

interface Put extends ConditionExpression {
  readonly TableName: string;
  readonly Item: Item;
}

interface OnKey extends ConditionExpression {
  readonly TableName: string;
  readonly Key: Item;
}

export interface TransactItem {
  readonly Put?: Put;
  readonly Delete?: OnKey;
  readonly ConditionCheck?: OnKey;
}

interface Query {
  readonly TableName: string;
  readonly ConsistentRead: boolean;
  readonly KeyConditionExpression: string;
  readonly ExpressionAttributeValues: Item;
  readonly Limit: number;
  readonly ExclusiveStartKey?: Item | undefined;
}

type Batch = Readonly<Record<string, { readonly Keys: readonly Item[]; readonly ConsistentRead: boolean }>>;

interface Nothing {
  readonly nothing?: never;
}

interface Operations {
  GetItem: [input: OnKey & { readonly ConsistentRead: boolean }, output: { readonly Item?: Item }];
  PutItem: [input: Put, output: Nothing];
  DeleteItem: [input: OnKey, output: Nothing];
  Query: [input: Query, output: { readonly Items?: readonly Item[]; readonly LastEvaluatedKey?: Item }];
  BatchGetItem: [
    input: { readonly RequestItems: Batch },
    output: {
      readonly Responses?: Readonly<Record<string, readonly Item[]>>;
      readonly UnprocessedKeys?: Batch;
    },
  ];
  TransactWriteItems: [
    input: { readonly TransactItems: readonly TransactItem[]; readonly ClientRequestToken: string },
    output: Nothing,
  ];
}

export type Operation = keyof Operations;
export type Input<O extends Operation> = Operations[O][0];
export type Output<O extends Operation> = Operations[O][1];
