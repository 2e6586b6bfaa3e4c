import type { Content } from "./content.ts";

/** A request to a registry or to its token service. */
export interface RegistryRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Content;
  /** Receives the body chunks of a successful response. Bodies of other responses are buffered, since they contain the error. */
  readonly sink?: (chunk: Buffer) => void;
  /** Called with the number of body bytes sent so far. */
  readonly onSent?: (bytes: number) => void;
}

/** A response from a registry or its token service. */
export interface RegistryResponse {
  readonly method: string;
  readonly status: number;
  /** Reason phrase of the status line. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}
