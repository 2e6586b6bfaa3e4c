import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { BlobStat } from "../../ports/blob-store.ts";
import type { Bucket } from "./bucket.ts";
import { unlessMissing } from "./errors.ts";

/** Reads the size of an object. @returns undefined when it does not exist */
export async function statObject({ client, name }: Bucket, Key: string): Promise<BlobStat | undefined> {
  const head = await unlessMissing(client.send(new HeadObjectCommand({ Bucket: name, Key })));
  return head?.ContentLength === undefined ? undefined : { size: head.ContentLength };
}
