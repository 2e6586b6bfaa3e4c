/** Where a service is. What is left out comes from the SDK's usual places. */
export interface ServiceOptions {
  readonly region?: string | undefined;
  /** Of a compatible service. */
  readonly endpoint?: string | undefined;
}

/** For the constructor of a client. */
export function location({ region, endpoint }: ServiceOptions): { region?: string; endpoint?: string } {
  return { ...(region === undefined ? {} : { region }), ...(endpoint === undefined ? {} : { endpoint }) };
}

/**
 * Limits of the connections to a service.
 * @param requestTimeout milliseconds after which a service that does not answer is asked again
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

/** Where answers come in. */
export const ANSWERS = { step: "deserialize", priority: "low" } as const;
