import { bodyOf, collectUpTo } from "../ports/body.ts";

/** The subset of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** An identity provider is unreachable or responds with an error, so authentication fails through no fault of the client. */
export class IdentitySourceUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "IdentitySourceUnavailableError";
  }
}

/** A GET request with its limits. */
export interface BoundedRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** Timeout in milliseconds for the complete response. */
  readonly timeout: number;
}

/** A complete response. */
export interface BoundedResponse {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a GET request to a server outside of the registry, with a bounded time and response size, and without following
 * redirects.
 * @throws IdentitySourceUnavailableError when the server does not respond in time, or responds with a redirect or more
 * than `maxBytes`
 */
export async function fetchBounded(
  fetch: Fetch,
  { url, headers, maxBytes, timeout }: BoundedRequest,
): Promise<BoundedResponse> {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { headers: { ...headers }, redirect: "manual", signal });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new IdentitySourceUnavailableError("responded with a redirect, which is not followed");
    }
    return { status: response.status, text: await readText(response, maxBytes) };
  } catch (error) {
    if (error instanceof IdentitySourceUnavailableError) throw error;
    throw new IdentitySourceUnavailableError(describeFailure(error, signal, timeout), error);
  }
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const bytes = await collectUpTo(maxBytes, response.body ?? bodyOf());
  if (bytes === undefined)
    throw new IdentitySourceUnavailableError(`the response is longer than ${maxBytes} bytes`);
  return bytes.toString();
}

function describeFailure(error: unknown, signal: AbortSignal, timeout: number): string {
  if (signal.aborted) return `no response within ${timeout} ms`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `unreachable (${cause instanceof Error ? cause.message : String(cause)})`;
}
