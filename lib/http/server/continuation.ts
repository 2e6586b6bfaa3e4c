import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * The `100 Continue` that a client waits for before it sends the body. It is sent when the application begins to read the
 * body, so that no layer is transferred for a request that is rejected because of its headers or query. If no `100 Continue` was
 * sent, Node closes the connection after the response.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#section-10.1.1
 */
export class Continuation {
  readonly #outgoing: ServerResponse;
  #isAwaited: boolean;

  constructor({ headers, httpVersion }: IncomingMessage, outgoing: ServerResponse) {
    this.#outgoing = outgoing;
    // "A server that receives a 100-continue expectation in an HTTP/1.0 request MUST ignore that expectation." Any other
    // expectation has already been rejected.
    this.#isAwaited = headers.expect !== undefined && httpVersion === "1.1";
  }

  /** Sends `100 Continue`, if the client waits for it. */
  send(): void {
    if (this.#isAwaited) this.#outgoing.writeContinue();
    this.#isAwaited = false;
  }
}
