import { dollarsFor, PRICES } from "./price-list.ts";

const S3_READS = ["GetObject", "HeadObject"];
const S3_FREE = ["AbortMultipartUpload", "DeleteObject", "DeleteObjects"];

const S3 = "S3 ";

/** Calls by kind, and the units that DynamoDB charges for them. */
interface Calls {
  readonly kinds: readonly string[];
  readonly reads: number;
  readonly writes: number;
  count(kind: string): number;
}

/** Returns the price of calls in dollars. */
export function priceOf(calls: Calls): number {
  return calls.kinds.reduce((sum, kind) => sum + calls.count(kind) * s3Price(kind), dynamodbPrice(calls));
}

/** Returns the price in dollars of DynamoDB's units, which it charges instead of calls. */
export function dynamodbPrice({ reads, writes }: Pick<Calls, "reads" | "writes">): number {
  return reads * dollarsFor(PRICES.dynamodbRead) + writes * dollarsFor(PRICES.dynamodbWrite);
}

/**
 * Returns the price of a call of S3 in dollars; calls of other services are free here.
 * @param kind kind of the call, by the registry or a client: `S3 GetObject, by the client`
 */
export function s3Price(kind: string): number {
  if (!kind.startsWith(S3)) return 0;
  const [name = ""] = kind.slice(S3.length).split(",");
  if (S3_FREE.includes(name)) return 0;
  return dollarsFor(S3_READS.includes(name) ? PRICES.s3Read : PRICES.s3Write);
}
