import type { Content } from "./content.ts";

/** A request to a registry. */
export interface Outgoing {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Content;
  /** Receives the body of a success in pieces; the body of any other answer is kept, since it reports the reason. */
  readonly sink?: (chunk: Buffer) => void;
  /** Receives the number of bytes sent so far. */
  readonly onSent?: (bytes: number) => void;
}

/** A registry's response. */
export interface Answer {
  readonly method: string;
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}
