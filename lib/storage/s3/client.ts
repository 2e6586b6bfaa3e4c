import { S3Client } from "@aws-sdk/client-s3";
import { ANSWERS, location, requestHandler, type ServiceOptions } from "../aws-client.ts";
import { failingWhenSilent } from "../silence.ts";

/** Milliseconds: time enough to copy a large part. */
const TIMEOUT = 20_000;

/**
 * A pull that is streamed holds a connection for as long as its client likes: with a limit, that many slow clients would
 * keep all others out.
 */
const CONNECTIONS = Number.POSITIVE_INFINITY;

export function createS3Client(options: ServiceOptions = {}): S3Client {
  const client = new S3Client({
    ...location(options),
    ...(options.endpoint === undefined ? {} : { forcePathStyle: true }),
    requestHandler: requestHandler(TIMEOUT, CONNECTIONS),
  });
  client.middlewareStack.add((next) => async (args) => failingWhenSilent(await next(args), TIMEOUT), ANSWERS);
  return client;
}
