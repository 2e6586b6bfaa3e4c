import { S3Client } from "@aws-sdk/client-s3";
import {
  clientLocation,
  RESPONSE_MIDDLEWARE,
  requestHandlerOptions,
  type ServiceOptions,
} from "../aws-client.ts";
import { isExpiredTokenError } from "../expired-token.ts";
import { failIdleResponse } from "../idle-timeout.ts";

/** Time limit of a request in milliseconds, long enough to copy a large part. */
export const REQUEST_TIMEOUT_MILLISECONDS = 20_000;

/**
 * Unlimited connections: a streamed pull holds its connection for as long as the client is reading, so with a limit, that
 * many slow clients would block all others.
 */
const MAX_CONNECTIONS = Number.POSITIVE_INFINITY;

interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Location and credentials of the client. */
export interface S3ClientOptions extends ServiceOptions {
  /** Called once for each call. @default - the SDK's providers, which cache the credentials until they expire */
  credentials?(): Promise<S3Credentials>;
  /** Called when S3 reports that the credentials expired; the call then fails like any other. */
  onExpiredCredentials?(): void;
}

/** Creates the client; a custom endpoint is addressed in path style. */
export function createS3Client(options: S3ClientOptions = {}): S3Client {
  const { credentials, onExpiredCredentials } = options;
  const client = new S3Client({
    ...clientLocation(options),
    ...(options.endpoint === undefined ? {} : { forcePathStyle: true }),
    ...(credentials && { credentials: withoutCaching(credentials) }),
    requestHandler: requestHandlerOptions(REQUEST_TIMEOUT_MILLISECONDS, MAX_CONNECTIONS),
  });
  client.middlewareStack.add(
    (next) => async (args) => failIdleResponse(await next(args), REQUEST_TIMEOUT_MILLISECONDS),
    RESPONSE_MIDDLEWARE,
  );
  client.middlewareStack.add((next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (isExpiredTokenError(error)) onExpiredCredentials?.();
      throw error;
    }
  });
  return client;
}

/** Marks a provider as memoized, because the SDK otherwise caches credentials without an expiry forever. */
function withoutCaching(credentials: () => Promise<S3Credentials>) {
  return Object.assign(async () => await credentials(), { memoized: true });
}
