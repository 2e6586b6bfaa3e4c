import type { Calls } from "./counting.ts";

/**
 * Dollars in us-east-1, on demand, November 2026: from memory of the public price lists, which could not be looked up
 * when this was written.
 */
const DYNAMODB_WRITE_UNIT = 0.625e-6;
const DYNAMODB_READ_UNIT = 0.125e-6;
const S3_WRITE = 5e-6;
const S3_READ = 0.4e-6;

const S3_READS = ["GetObject", "HeadObject"];
const S3_FREE = ["AbortMultipartUpload", "DeleteObject", "DeleteObjects"];

/** What the calls cost, in dollars. */
export function priceOf(calls: Calls): number {
  const s3 = calls.kinds
    .filter((kind) => kind.startsWith("S3 "))
    .map((kind) => calls.count(kind) * s3Price(kind.slice("S3 ".length)));
  return s3.reduce((sum, price) => sum + price, dynamoPrice(calls));
}

function dynamoPrice({ reads, writes }: Calls): number {
  return reads * DYNAMODB_READ_UNIT + writes * DYNAMODB_WRITE_UNIT;
}

/** Whoever makes the call. */
function s3Price(kind: string): number {
  const [name = ""] = kind.split(",");
  if (S3_FREE.includes(name)) return 0;
  return S3_READS.includes(name) ? S3_READ : S3_WRITE;
}
