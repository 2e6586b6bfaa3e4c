import { HeadObjectCommand } from "@aws-sdk/client-s3";
import type { BlobStat } from "../../ports/blob-store.ts";
import type { Bucket } from "./bucket.ts";
import { unlessMissing } from "./errors.ts";

/** @returns undefined when there is no such object */
export async function statObject({ client, name }: Bucket, Key: string): Promise<BlobStat | undefined> {
  const head = await unlessMissing(client.send(new HeadObjectCommand({ Bucket: name, Key })));
  return head?.ContentLength === undefined ? undefined : { size: head.ContentLength };
}
