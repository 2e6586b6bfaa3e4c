import type { Access } from "./policy.ts";

/** A request to S3 or DynamoDB. */
export interface AwsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Only of those requests whose body says what they are about. */
  readonly body: string;
}

/** What a request is, and what it takes to be allowed. */
export interface AwsCall {
  /** For example `S3 GetObject`. */
  readonly kind: string;
  readonly needs: readonly Access[];
}

/** A request that is not known here cannot be judged, and so is refused. */
export class UnknownCallError extends Error {}
