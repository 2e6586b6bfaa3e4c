import { PassThrough, pipeline, Readable } from "node:stream";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { translated } from "./errors.ts";

/**
 * The bytes of an object. What goes wrong on the way is told in the port's words; and to nobody when nobody reads, since
 * an error that no one listens to would end the process.
 */
export function bodyOf({ Body }: GetObjectCommandOutput): Readable {
  if (!(Body instanceof Readable)) throw new Error("S3 answered without a body");
  const bytes = new PassThrough({ destroy: (error, done) => done(error === null ? null : inWords(error)) });
  pipeline(Body, bytes, () => undefined);
  bytes.on("error", () => undefined);
  return bytes;
}

function inWords(error: Error): Error {
  const said = translated(error);
  return said instanceof Error ? said : error;
}
