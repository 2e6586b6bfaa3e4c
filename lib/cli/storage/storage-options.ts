import type { Registry } from "../../registry/registry.ts";

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
