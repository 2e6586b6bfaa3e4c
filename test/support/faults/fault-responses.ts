import type { IncomingMessage } from "node:http";
import { isObject } from "../../../local-cloud/support/json.ts";
import type { Random } from "../../../local-cloud/support/random.ts";

/** Error response. */
export interface ErrorResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Error responses of a service. */
export interface Dialect {
  throttle(random: Random, request: IncomingMessage): ErrorResponse;
  error(random: Random): ErrorResponse;
  /** Returns a load balancer's error page, in a format that the SDK does not expect. */
  page(): ErrorResponse;
  mayFailWith200(request: IncomingMessage): boolean;
  failureWith200(): ErrorResponse;
  mayBePartial(request: IncomingMessage): boolean;
}

function page(): ErrorResponse {
  return { status: 502, type: "text/html", body: "<html><h1>502 Bad Gateway</h1></html>" };
}

const DYNAMODB_THROTTLES = [
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
];

export const DYNAMODB: Dialect = {
  throttle: (random, request) => {
    if (operationOf(request) === "TransactWriteItems" && random.chance(0.5)) {
      const CancellationReasons = [
        { Code: "ThrottlingError", Message: "Throughput exceeds the current capacity" },
      ];
      return dynamoError(400, "TransactionCanceledException", { CancellationReasons });
    }
    return dynamoError(400, random.pick(DYNAMODB_THROTTLES));
  },
  error: (random) => dynamoError(random.pick([500, 503]), "InternalServerError"),
  page,
  mayFailWith200: () => false,
  failureWith200: page,
  mayBePartial: (request) => operationOf(request) === "BatchGetItem",
};

function operationOf({ headers }: IncomingMessage): string {
  return String(headers["x-amz-target"] ?? "").replace(/^.*\./, "");
}

function dynamoError(status: number, name: string, more: object = {}): ErrorResponse {
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: "injected", ...more };
  return { status, type: "application/x-amz-json-1.0", body: JSON.stringify(body) };
}

export const S3: Dialect = {
  throttle: () => s3Error(503, "SlowDown"),
  error: (random) =>
    random.chance(0.5) ? s3Error(500, "InternalError") : s3Error(503, "ServiceUnavailable"),
  page,
  // "A request could fail after the initial 200 OK response has been sent": API_CompleteMultipartUpload.html, API_CopyObject.html
  mayFailWith200: ({ method, url = "", headers }) =>
    headers["x-amz-copy-source"] !== undefined || (method === "POST" && /[?&]uploadId=/.test(url)),
  failureWith200: () => s3Error(200, "InternalError"),
  mayBePartial: () => false,
};

function s3Error(status: number, code: string): ErrorResponse {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  const body = `${head}\n<Error><Code>${code}</Code><Message>injected</Message><RequestId>0</RequestId></Error>`;
  return { status, type: "application/xml", body };
}

/** Returns a BatchGetItem response with the second half of its items moved to the unprocessed keys. */
export function withUnprocessedKeys(body: Buffer): string {
  const response: unknown = JSON.parse(body.toString());
  const responses = isObject(response) && isObject(response["Responses"]) ? response["Responses"] : {};
  const Responses: Record<string, unknown> = {};
  const UnprocessedKeys: Record<string, unknown> = {};
  for (const [table, items] of Object.entries(responses)) {
    if (!Array.isArray(items)) continue;
    const half = Math.ceil(items.length / 2);
    Responses[table] = items.slice(0, half);
    const Keys = items
      .slice(half)
      .filter(isObject)
      .map(({ PK, SK }) => ({ PK, SK }));
    if (Keys.length > 0) UnprocessedKeys[table] = { Keys, ConsistentRead: true };
  }
  return JSON.stringify({ Responses, UnprocessedKeys });
}
