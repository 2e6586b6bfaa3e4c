import { bodyOf, collectUpTo } from "../ports/body.ts";

/** `fetch`, as much of it as is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Somebody who is needed to tell who is asking does not answer as it should. Not the fault of who is asking. */
export class IdentitySourceUnavailableError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "IdentitySourceUnavailableError";
  }
}

export interface Question {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  /** Until the last byte of the answer. */
  readonly timeout: number;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * GETs what lies outside of the registry: within a time and a size, from there and nowhere else.
 * @throws IdentitySourceUnavailableError when there is no answer, one too slow or too long, or a redirect
 */
export async function ask(fetch: Fetch, { url, headers, maxBytes, timeout }: Question): Promise<Answer> {
  const signal = AbortSignal.timeout(timeout);
  try {
    const response = await fetch(url, { headers: { ...headers }, redirect: "manual", signal });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new IdentitySourceUnavailableError("it sends to another place, which is not followed");
    }
    return { status: response.status, text: await textOf(response, maxBytes) };
  } catch (error) {
    if (error instanceof IdentitySourceUnavailableError) throw error;
    throw new IdentitySourceUnavailableError(whyNot(error, signal, timeout), error);
  }
}

async function textOf(response: Response, maxBytes: number): Promise<string> {
  const bytes = await collectUpTo(maxBytes, response.body ?? bodyOf());
  if (bytes === undefined)
    throw new IdentitySourceUnavailableError(`it answers with more than ${maxBytes} bytes`);
  return bytes.toString();
}

function whyNot(error: unknown, signal: AbortSignal, timeout: number): string {
  if (signal.aborted) return `it does not answer within ${timeout} ms`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `it cannot be reached (${cause instanceof Error ? cause.message : String(cause)})`;
}
