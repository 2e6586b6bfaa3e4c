import { PassThrough, pipeline, Readable } from "node:stream";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { toStorageError } from "./errors.ts";

/**
 * Returns the bytes of an object. Errors are translated to the port's errors; an error of a body without a reader is
 * ignored, because an unhandled `error` event would crash the process.
 */
export function objectBody({ Body }: GetObjectCommandOutput): Readable {
  if (!(Body instanceof Readable)) throw new Error("the S3 response has no body");
  const bytes = new PassThrough({
    destroy: (error, done) => done(error === null ? null : toPortError(error)),
  });
  pipeline(Body, bytes, () => undefined);
  bytes.on("error", () => undefined);
  return bytes;
}

function toPortError(error: Error): Error {
  const storageError = toStorageError(error);
  return storageError instanceof Error ? storageError : error;
}
