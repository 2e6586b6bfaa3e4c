import { dollarsFor, PRICES } from "../price-list.ts";
import { dynamodbPrice, s3Price } from "../prices.ts";
import type { Usage } from "./local-cloud.ts";

/** Memory in gigabytes. No rates for web functions were found: the rates of other functions are assumed. */
const MEMORY = { event: 1, web: 2 } as const;

/**
 * Estimated bytes of logs of a request, with the 26 that CloudWatch adds to each line. Of a function behind API Gateway:
 * the registry's line of 300, Lambda's START, END and REPORT of 350, the access log's line of 400. Of the web function: the registry's line.
 */
const LOG_BYTES = { event: 1050, web: 330 } as const;

/** Estimated bytes of a response through CloudFront: a redirect to a presigned URL with a session token has about 2 KB. */
const RESPONSE_BYTES = 2000;

const WEB_FUNCTION = "WebFunction";

/** DynamoDB's units, which the number of calls does not determine: docs/data-model.md, with which tests compare them. */
interface Units {
  readonly reads: number;
  readonly writes: number;
}

/** Measurement of one kind of request or image, repeated `times` times. */
export interface Measured {
  readonly title: string;
  readonly times: number;
  readonly usage: Usage;
  /** Units of one of them. */
  readonly units: Units;
  /** Number of objects that a client would read from S3 for one of them. The measurement does not read them. */
  readonly objects: number;
  /** Bytes of the request bodies of one of them. */
  readonly uploadedBytes: number;
}

/** Counts of one request or image that determine its price. */
export interface Counts {
  readonly title: string;
  readonly eventInvocations: number;
  readonly eventMs: number;
  readonly webRequests: number;
  readonly webMs: number;
  readonly dynamoCalls: number;
  /** Calls by kind, for example `S3 PutObject`. */
  readonly s3: Readonly<Record<string, number>>;
  readonly units: Units;
  readonly objects: number;
  readonly uploadedBytes: number;
}

export const COMPONENTS = [
  "CloudFront uploads",
  "CloudFront requests",
  "CloudFront Functions",
  "CloudFront responses",
  "API Gateway",
  "Lambda",
  "DynamoDB",
  "S3 requests",
  "logs",
] as const;

/** Costs in dollars by component. */
export type Costs = Readonly<Record<(typeof COMPONENTS)[number], number>>;

export function countsOf({ title, times, usage, units, objects, uploadedBytes }: Measured): Counts {
  const web = usage[WEB_FUNCTION];
  const events = Object.entries(usage).flatMap(([name, it]) => (name === WEB_FUNCTION ? [] : [it]));
  const calls = Object.values(usage).flatMap((it) => Object.entries(it.calls));
  const s3 = new Map<string, number>();
  for (const [kind, count] of calls.filter(([name]) => name.startsWith("S3"))) {
    s3.set(kind, (s3.get(kind) ?? 0) + count / times);
  }
  return {
    ...{ title, units, objects, uploadedBytes },
    eventInvocations: sum(events.map((it) => it.invocations)) / times,
    eventMs: sum(events.map((it) => it.billedMs)) / times,
    webRequests: (web?.invocations ?? 0) / times,
    webMs: (web?.billedMs ?? 0) / times,
    dynamoCalls: sum(calls.filter(([kind]) => kind.startsWith("DynamoDB")).map(([, n]) => n)) / times,
    s3: Object.fromEntries(s3),
  };
}

/** Computes the costs of one request or image. */
export function costsOf(counts: Counts): Costs {
  const { eventInvocations, webRequests, eventMs, webMs, uploadedBytes } = counts;
  const requests = eventInvocations + webRequests;
  const gbSeconds = (eventMs * MEMORY.event + webMs * MEMORY.web) / 1000;
  const logBytes = eventInvocations * LOG_BYTES.event + webRequests * LOG_BYTES.web;
  const s3Calls = Object.entries(counts.s3).map(([kind, count]) => count * s3Price(kind));
  return {
    "CloudFront uploads": uploadedBytes * dollarsFor(PRICES.cloudfrontUpload),
    "CloudFront requests": requests * dollarsFor(PRICES.cloudfrontRequest),
    "CloudFront Functions": requests * dollarsFor(PRICES.cloudfrontFunction),
    "CloudFront responses": requests * RESPONSE_BYTES * dollarsFor(PRICES.cloudfrontResponse),
    "API Gateway": eventInvocations * dollarsFor(PRICES.apiRequest),
    Lambda: requests * dollarsFor(PRICES.lambdaRequest) + gbSeconds * dollarsFor(PRICES.lambdaTime),
    DynamoDB: dynamodbPrice(counts.units),
    "S3 requests": sum(s3Calls) + counts.objects * s3Price("S3 GetObject"),
    logs: logBytes * dollarsFor(PRICES.logs),
  };
}

/**
 * Computes the costs of the same requests to the web function's own hostname, without CloudFront and API Gateway. The time of event
 * functions is counted as time of the web function, which has twice the memory: an upper bound.
 */
export function directCostsOf(counts: Counts): Costs {
  const { eventInvocations, eventMs, webRequests, webMs } = counts;
  const costs = costsOf({
    ...counts,
    ...{ eventInvocations: 0, eventMs: 0 },
    ...{ webRequests: webRequests + eventInvocations, webMs: webMs + eventMs },
  });
  return {
    ...costs,
    ...{ "CloudFront uploads": 0, "CloudFront requests": 0 },
    ...{ "CloudFront Functions": 0, "CloudFront responses": 0 },
  };
}

export function totalOf(costs: Costs): number {
  return sum(Object.values(costs));
}

/** Returns the sum of the costs, each multiplied by its count. */
export function sumCosts(parts: readonly (readonly [count: number, costs: Costs])[]): Costs {
  const of = (name: (typeof COMPONENTS)[number]) => sum(parts.map(([count, costs]) => count * costs[name]));
  return {
    "CloudFront uploads": of("CloudFront uploads"),
    "CloudFront requests": of("CloudFront requests"),
    "CloudFront Functions": of("CloudFront Functions"),
    "CloudFront responses": of("CloudFront responses"),
    "API Gateway": of("API Gateway"),
    Lambda: of("Lambda"),
    DynamoDB: of("DynamoDB"),
    "S3 requests": of("S3 requests"),
    logs: of("logs"),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
