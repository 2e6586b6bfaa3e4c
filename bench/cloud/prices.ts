import { dynamodbPrice, s3Price } from "../prices.ts";
import type { Usage } from "./local-cloud.ts";

/**
 * On-demand list prices of us-east-1 in dollars, without any free tier; those of the stores are in bench/prices.ts. They
 * are from memory, and to be checked against the price lists.
 */
export const PRICED_AT = "November 2026";

const API_GATEWAY_REQUEST = 1e-6;
const CLOUDFRONT_REQUEST = 1e-6;
const LAMBDA_REQUEST = 0.2e-6;
const LAMBDA_GB_MILLISECOND = 1.33334e-8;

/** Gigabytes. What Lambda charges for web functions could not be found: it is taken to be the same. */
const MEMORY: Readonly<Record<string, number>> = { event: 1, web: 2 };

const WEB_FUNCTION = "WebFunction";

/** What DynamoDB charges for, which calls alone do not tell: docs/data-model.md, where tests hold it. */
interface Units {
  readonly reads: number;
  readonly writes: number;
}

/** One kind of request, or of image, done `times` times. */
export interface Measured {
  readonly title: string;
  readonly times: number;
  readonly usage: Usage;
  /** Of one of them. */
  readonly units: Units;
  /** Objects that the client would have from S3 itself for one of them, and here has not asked for. */
  readonly objects: number;
}

/** Of one of them. */
export interface Costs {
  readonly eventInvocations: number;
  readonly eventMs: number;
  readonly webRequests: number;
  readonly webMs: number;
  readonly dynamoCalls: number;
  readonly s3Calls: number;
  /** Dollars for a thousand. */
  readonly thousand: number;
}

export function costsOf({ times, usage, units, objects }: Measured): Costs {
  const web = usage[WEB_FUNCTION];
  const events = Object.entries(usage).flatMap(([name, it]) => (name === WEB_FUNCTION ? [] : [it]));
  const all = Object.values(usage).flatMap(({ calls }) => Object.entries(calls));
  const eventInvocations = sum(events.map((it) => it.invocations)) / times;
  const webRequests = (web?.invocations ?? 0) / times;
  const eventMs = sum(events.map((it) => it.billedMs)) / times;
  const webMs = (web?.billedMs ?? 0) / times;
  const one =
    (eventInvocations + webRequests) * (CLOUDFRONT_REQUEST + LAMBDA_REQUEST) +
    eventInvocations * API_GATEWAY_REQUEST +
    (eventMs * (MEMORY["event"] ?? 0) + webMs * (MEMORY["web"] ?? 0)) * LAMBDA_GB_MILLISECOND +
    dynamodbPrice(units) +
    objects * s3Price("S3 GetObject") +
    sum(all.map(([kind, count]) => count * s3Price(kind))) / times;
  const callsOf = (service: string) =>
    sum(all.filter(([kind]) => kind.startsWith(service)).map(([, count]) => count)) / times;
  return {
    ...{ eventInvocations, eventMs, webRequests, webMs },
    ...{ dynamoCalls: callsOf("DynamoDB"), s3Calls: callsOf("S3"), thousand: one * 1000 },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
