import type { Registry } from "../lib/registry/registry.ts";
import { openDisk } from "../lib/storage/disk/open.ts";

export interface Storage extends Pick<Registry, "records" | "blobs" | "uploads"> {
  sweep?(now: Date, uploadLifetime: number): Promise<void>;
  close(): Promise<void>;
}

/** Where AWS's stores are. Credentials come from the SDK's usual chain. */
export interface AwsOptions {
  readonly bucket?: string;
  readonly table?: string;
  readonly region?: string;
  readonly endpointS3?: string;
  readonly endpointDynamodb?: string;
}

export interface StorageOptions extends AwsOptions {
  readonly data: string;
  /** Whether pulls are sent to S3 instead of streamed. */
  readonly redirect: boolean;
  /** How long the URLs of redirects are good for, in seconds. */
  readonly urlLifetime: number;
}

/** S3 and DynamoDB when a bucket and a table are named, else the data folder. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { bucket, table } = options;
  if (bucket === undefined && table === undefined) return await openDisk(options.data);
  if (bucket === undefined || table === undefined)
    throw new Error("--bucket and --table belong together: give both");
  // The AWS SDK takes longer to load than all else together, so it is loaded only when it is needed.
  const { openAws } = await import("./aws-storage.ts");
  return openAws(options, bucket, table);
}
