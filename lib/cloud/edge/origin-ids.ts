/** Ids of the distribution's origins. functions/edge/route.js, which cannot import them, selects one for each request. */
export const ORIGIN_IDS = {
  /** API Gateway: all requests without large bodies. */
  api: "api",
  /** Runtime for bodies of any size. */
  stream: "stream",
} as const;
