import type { Access } from "./policy.ts";

/** HTTP request to S3 or DynamoDB. */
export interface AwsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Headers with names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Body, only of requests whose authorization depends on it. */
  readonly body: string;
}

/** Operation of a request, and the access that it requires. */
export interface AwsCall {
  /** Service and operation, for example `S3 GetObject`. */
  readonly kind: string;
  readonly needs: readonly Access[];
}

/** Error of an unsupported request, which is denied because its required access is unknown. */
export class UnknownCallError extends Error {}
