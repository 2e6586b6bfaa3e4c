/** Environment variables of `dockless`, and of the functions, where the stack sets them: docs/configuration.md */
export const VARIABLES = {
  table: "DOCKLESS_TABLE",
  bucket: "DOCKLESS_BUCKET",
  data: "DOCKLESS_DATA",
  host: "DOCKLESS_HOST",
  port: "DOCKLESS_PORT",
  publicUrl: "DOCKLESS_PUBLIC_URL",
  /** Proxies whose forwarded host and scheme are used, separated by commas. */
  trustProxy: "DOCKLESS_TRUST_PROXY",
  /** Host names that clients may use while there are no accounts, separated by commas. */
  allowHost: "DOCKLESS_ALLOW_HOST",
  /** Web origins that may call the registry, separated by commas. */
  corsOrigin: "DOCKLESS_CORS_ORIGIN",
  /** Lifetime of presigned URLs, in seconds. */
  urlLifetime: "DOCKLESS_URL_LIFETIME",
  /** Whether large blobs are sent to S3 as parallel parts: `true` or `false`. */
  s3Multipart: "DOCKLESS_S3_MULTIPART",
  /** Lifetime of access tokens, in seconds. */
  tokenLifetime: "DOCKLESS_TOKEN_LIFETIME",
  maxConnections: "DOCKLESS_MAX_CONNECTIONS",
  /** Maximum number of descriptors in a pushed manifest. */
  maxDescriptors: "DOCKLESS_MAX_DESCRIPTORS",
  /** Set to `true` if the web function serves its own hostname. */
  directPush: "DOCKLESS_DIRECT_PUSH",
  log: "DOCKLESS_LOG",
  s3Endpoint: "DOCKLESS_ENDPOINT_S3",
  dynamodbEndpoint: "DOCKLESS_ENDPOINT_DYNAMODB",
  /** Valid value of `ORIGIN_SECRET_HEADER`. */
  originSecret: "DOCKLESS_ORIGIN_SECRET",
  /** Another valid value, while the secret is being rotated. */
  secondOriginSecret: "DOCKLESS_ORIGIN_SECRET_2",
  username: "DOCKLESS_USERNAME",
  password: "DOCKLESS_PASSWORD",
} as const;
