/** Region and endpoint of an AWS service; an omitted one is resolved by the SDK's default providers. */
export interface ServiceOptions {
  readonly region?: string | undefined;
  /** URL of a compatible service. */
  readonly endpoint?: string | undefined;
}

/** Returns the location options of an SDK client's constructor. */
export function location({ region, endpoint }: ServiceOptions): { region?: string; endpoint?: string } {
  return { ...(region === undefined ? {} : { region }), ...(endpoint === undefined ? {} : { endpoint }) };
}

/**
 * Returns the connection limits of an SDK client.
 * @param requestTimeout milliseconds without a response after which the SDK retries
 */
export function requestHandler(requestTimeout: number, maxSockets: number) {
  const agent = { maxSockets };
  return {
    connectionTimeout: 2000,
    requestTimeout,
    throwOnRequestTimeout: true,
    httpAgent: agent,
    httpsAgent: agent,
  };
}

/** Middleware position at which responses arrive. */
export const ANSWERS = { step: "deserialize", priority: "low" } as const;
