/** Environment variables of `dockless`, and of the functions, for which the stack sets them. Described in docs/configuration.md. */
export const VARIABLES = {
  table: "DOCKLESS_TABLE",
  bucket: "DOCKLESS_BUCKET",
  data: "DOCKLESS_DATA",
  host: "DOCKLESS_HOST",
  port: "DOCKLESS_PORT",
  publicUrl: "DOCKLESS_PUBLIC_URL",
  /** Lifetime of presigned URLs, in seconds. */
  urlLifetime: "DOCKLESS_URL_LIFETIME",
  /** Whether large blobs are sent to S3 as parallel parts: `true` or `false`. */
  s3Multipart: "DOCKLESS_S3_MULTIPART",
  /** Lifetime of access tokens, in seconds. */
  tokenLifetime: "DOCKLESS_TOKEN_LIFETIME",
  /** Whether the web function accepts requests to its own hostname: `true` or `false`. */
  directPush: "DOCKLESS_DIRECT_PUSH",
  log: "DOCKLESS_LOG",
  s3Endpoint: "DOCKLESS_ENDPOINT_S3",
  dynamodbEndpoint: "DOCKLESS_ENDPOINT_DYNAMODB",
  username: "DOCKLESS_USERNAME",
  password: "DOCKLESS_PASSWORD",
} as const;
