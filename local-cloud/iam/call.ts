import type { Permission } from "./policy.ts";

/** HTTP request to S3 or DynamoDB. */
export interface AwsRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Headers with names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Body; empty unless authorization depends on it. */
  readonly body: string;
}

/** An AWS API call, and the permissions that it requires. */
export interface AwsCall {
  /** Service and operation, for example `S3 GetObject`. */
  readonly kind: string;
  readonly requiredPermissions: readonly Permission[];
}

/** An unsupported request, which is denied because the permissions that it requires are unknown. */
export class UnsupportedCallError extends Error {}
