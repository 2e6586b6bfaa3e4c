import type { RegistryContext } from "../../registry/registry-context.ts";

/** The stores of a registry. */
export interface Storage extends Pick<RegistryContext, "records" | "blobs" | "uploads"> {
  /** Deletes expired upload sessions. Undefined if the storage expires them itself. @param uploadLifetime seconds */
  sweep?(now: Date, uploadLifetime: number): Promise<void>;
  close(): Promise<void>;
}

/** Location of the AWS stores. Credentials come from the SDK's default provider chain. */
export interface AwsOptions {
  readonly bucket?: string;
  readonly table?: string;
  readonly region?: string;
  readonly endpointS3?: string;
  readonly endpointDynamodb?: string;
}

/** Options of the storage: S3 and DynamoDB if bucket and table are set, otherwise the data folder. */
export interface StorageOptions extends AwsOptions {
  readonly data: string;
  /** Whether large blobs are sent to S3 as parallel parts instead of one stream. */
  readonly s3Multipart?: true;
  /** Whether pulls are redirected to S3 instead of being streamed. */
  readonly redirect: boolean;
  /** Lifetime of the redirect URLs in seconds. */
  readonly urlLifetime: number;
}
