import type { Item } from "./attributes.ts";

// DynamoDB operations and fields that the registry uses:
// docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB.html

/** Fields of a request that state a condition. */
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

/** One item of a transaction: exactly one of the fields is set. */
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
  readonly ProjectionExpression?: string;
  readonly Limit: number;
  readonly ExclusiveStartKey?: Item | undefined;
}

type Batch = Readonly<Record<string, { readonly Keys: readonly Item[]; readonly ConsistentRead: boolean }>>;

interface EmptyOutput {
  readonly nothing?: never;
}

interface Operations {
  GetItem: [input: OnKey & { readonly ConsistentRead: boolean }, output: { readonly Item?: Item }];
  PutItem: [input: Put, output: EmptyOutput];
  DeleteItem: [input: OnKey, output: EmptyOutput];
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
    output: EmptyOutput,
  ];
}

/** Name of an operation. */
export type Operation = keyof Operations;
/** Request of an operation. */
export type Input<O extends Operation> = Operations[O][0];
/** Response of an operation. */
export type Output<O extends Operation> = Operations[O][1];
