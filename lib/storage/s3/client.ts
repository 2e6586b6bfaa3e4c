import { S3Client } from "@aws-sdk/client-s3";
import { ANSWERS, location, requestHandler, type ServiceOptions } from "../aws-client.ts";
import { failingWhenSilent } from "../silence.ts";

/** Time limit of a request in milliseconds, long enough to copy a large part. */
const REQUEST_TIMEOUT_MILLISECONDS = 20_000;

/**
 * Unlimited connections: a streamed pull holds its connection for as long as the client is reading, so with a limit, that
 * many slow clients would block all others.
 */
const MAX_CONNECTIONS = Number.POSITIVE_INFINITY;

/** Creates the client; a custom endpoint is addressed in path style. */
export function createS3Client(options: ServiceOptions = {}): S3Client {
  const client = new S3Client({
    ...location(options),
    ...(options.endpoint === undefined ? {} : { forcePathStyle: true }),
    requestHandler: requestHandler(REQUEST_TIMEOUT_MILLISECONDS, MAX_CONNECTIONS),
  });
  client.middlewareStack.add(
    (next) => async (args) => failingWhenSilent(await next(args), REQUEST_TIMEOUT_MILLISECONDS),
    ANSWERS,
  );
  return client;
}
