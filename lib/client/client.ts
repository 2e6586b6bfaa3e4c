import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Content } from "./content.ts";
import { exchange, type Line } from "./exchange.ts";
import type { Answer, Outgoing } from "./message.ts";
import { type Credentials, SignIn } from "./sign-in.ts";

export interface ClientOptions {
  readonly base: URL;
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** Name of this client for the registry, also in requests for tokens. */
  readonly userAgent: string;
  /** Idle timeout of a request, in seconds. */
  readonly timeout: number;
  readonly now: () => Date;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Content;
  readonly sink?: (chunk: Buffer) => void;
  readonly onSent?: (bytes: number) => void;
  /** Sends no `Authorization`. */
  readonly anonymous?: boolean;
  /** Called once nothing keeps the request from being sent. */
  readonly before?: () => void;
}

/** A client of one registry. */
export class Client {
  readonly base: URL;
  readonly signIn: SignIn;
  readonly #options: ClientOptions;
  readonly #agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true }),
  };
  readonly #signal: () => AbortSignal;

  /** @param signal ends all requests; asked for before each, since cleaning up goes on after it */
  constructor(options: ClientOptions, signal: () => AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.base = options.base;
    const { base, scope, credentials, userAgent, now } = options;
    const send = (outgoing: Outgoing) => this.#exchange(outgoing);
    this.signIn = new SignIn({ base, scope, credentials, clientId: userAgent, now, send });
  }

  /**
   * Sends a request, signed in where the registry demands it.
   * @param path with its query, as it is to be sent
   * @throws ClientError
   */
  async send(
    method: string,
    path: string,
    { anonymous = false, before, headers, ...rest }: Sent = {},
  ): Promise<Answer> {
    const authorization = anonymous ? undefined : await this.signIn.authorization();
    before?.();
    const all = { ...(authorization === undefined ? {} : { authorization }), ...headers };
    return await this.#exchange({ method, url: new URL(path, this.base), headers: all, ...rest });
  }

  /**
   * Sends a request to any host, without `Authorization`.
   * @throws ClientError
   */
  async elsewhere(method: string, url: URL, sent: Sent = {}): Promise<Answer> {
    const { anonymous: _, before: __, ...rest } = sent;
    return await this.#exchange({ method, url, ...rest });
  }

  get credentials(): Credentials | undefined {
    return this.#options.credentials;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#options.now().getTime();
  }

  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #exchange(outgoing: Outgoing): Promise<Answer> {
    const protocol = outgoing.url.protocol === "https:" ? "https:" : "http:";
    const line: Line = {
      agent: this.#agents[protocol],
      userAgent: this.#options.userAgent,
      timeout: this.#options.timeout,
      signal: this.#signal(),
    };
    return await exchange(outgoing, line);
  }
}
