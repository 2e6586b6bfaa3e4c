import { S3Client } from "@aws-sdk/client-s3";
import { ANSWERS, location, requestHandler, type ServiceOptions } from "../aws-client.ts";
import { isExpiredToken } from "../expired-token.ts";
import { failingWhenSilent } from "../silence.ts";

/** Milliseconds: time enough to copy a large part. */
const TIMEOUT = 20_000;

/**
 * A pull that is streamed holds a connection for as long as its client likes: with a limit, that many slow clients would
 * keep all others out.
 */
const CONNECTIONS = Number.POSITIVE_INFINITY;

interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

export interface S3ClientOptions extends ServiceOptions {
  /** Asked with each call. @default the SDK's chain, which keeps what it has found until it expires */
  credentials?(): Promise<S3Credentials>;
  /** Called when S3 reports that the credentials expired; the call then fails as any other. */
  onExpiredCredentials?(): void;
}

export function createS3Client(options: S3ClientOptions = {}): S3Client {
  const { credentials, onExpiredCredentials } = options;
  const client = new S3Client({
    ...location(options),
    ...(options.endpoint === undefined ? {} : { forcePathStyle: true }),
    ...(credentials && { credentials: askedEachTime(credentials) }),
    requestHandler: requestHandler(TIMEOUT, CONNECTIONS),
  });
  client.middlewareStack.add((next) => async (args) => failingWhenSilent(await next(args), TIMEOUT), ANSWERS);
  client.middlewareStack.add((next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      if (isExpiredToken(error)) onExpiredCredentials?.();
      throw error;
    }
  });
  return client;
}

/** The SDK keeps what a provider returned without an expiry for good, unless the provider is marked as one that does so itself. */
function askedEachTime(credentials: () => Promise<S3Credentials>) {
  return Object.assign(async () => await credentials(), { memoized: true });
}
