/** CloudFront origin ids. functions/edge/route.js, which cannot import them, selects an origin for each request. */
export const ORIGIN_IDS = {
  /** API Gateway: all requests without large bodies. */
  api: "api",
  /** The runtime that accepts bodies of any size. */
  stream: "stream",
} as const;
