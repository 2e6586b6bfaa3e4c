/** Region and endpoint of an AWS service; the SDK's default providers resolve what is omitted. */
export interface ServiceOptions {
  readonly region?: string | undefined;
  /** Endpoint URL, for example of a compatible service. */
  readonly endpoint?: string | undefined;
}

/** Returns the location options of an SDK client's constructor. */
export function clientLocation({ region, endpoint }: ServiceOptions): { region?: string; endpoint?: string } {
  return { ...(region === undefined ? {} : { region }), ...(endpoint === undefined ? {} : { endpoint }) };
}

/**
 * Returns the connection limits of an SDK client.
 * @param requestTimeout milliseconds to wait for a response before the SDK retries
 */
export function requestHandlerOptions(requestTimeout: number, maxSockets: number) {
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
export const RESPONSE_MIDDLEWARE = { step: "deserialize", priority: "low" } as const;
