import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Content } from "./content.ts";
import { type ExchangeOptions, exchange } from "./exchange.ts";
import type { RegistryRequest, RegistryResponse } from "./message.ts";
import { type Credentials, RegistryAuthenticator } from "./registry-authenticator.ts";

/** Options of a `Client`. */
export interface ClientOptions {
  /** Base URL of the registry. */
  readonly base: URL;
  /** Scope of the requested tokens, for example `repository:app:pull`. */
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** Value of `User-Agent`, and `client_id` of token requests. */
  readonly userAgent: string;
  /** Idle timeout of a request in seconds. */
  readonly timeout: number;
  readonly now: () => Date;
}

/** Options of one request. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Content;
  readonly sink?: (chunk: Buffer) => void;
  readonly onSent?: (bytes: number) => void;
  /** Omits `Authorization`. */
  readonly isAnonymous?: boolean;
  /** Called after authentication, immediately before the request is sent. */
  readonly beforeSend?: () => void;
}

/** An HTTP client for one registry. */
export class Client {
  readonly base: URL;
  readonly authenticator: RegistryAuthenticator;
  readonly #options: ClientOptions;
  readonly #agents = {
    "http:": new HttpAgent({ keepAlive: true }),
    "https:": new HttpsAgent({ keepAlive: true }),
  };
  readonly #signal: () => AbortSignal;

  /** @param signal returns the signal that aborts a request; called once per request, since cleanup runs after the first abort */
  constructor(options: ClientOptions, signal: () => AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.base = options.base;
    const { base, scope, credentials, userAgent, now } = options;
    const send = (outgoing: RegistryRequest) => this.#exchange(outgoing);
    this.authenticator = new RegistryAuthenticator({
      base,
      scope,
      credentials,
      clientId: userAgent,
      now,
      send,
    });
  }

  /**
   * Sends a request to the registry, authenticated if the registry requires it.
   * @param path path and query
   * @throws ClientError
   */
  async send(
    method: string,
    path: string,
    { isAnonymous: anonymous = false, beforeSend: before, headers, ...rest }: RequestOptions = {},
  ): Promise<RegistryResponse> {
    const authorization = anonymous ? undefined : await this.authenticator.getAuthorization();
    before?.();
    const allHeaders = { ...(authorization === undefined ? {} : { authorization }), ...headers };
    return await this.#exchange({ method, url: new URL(path, this.base), headers: allHeaders, ...rest });
  }

  /**
   * Sends a request without `Authorization` to any host.
   * @throws ClientError
   */
  async sendUnauthenticated(method: string, url: URL, sent: RequestOptions = {}): Promise<RegistryResponse> {
    const { isAnonymous: _, beforeSend: __, ...rest } = sent;
    return await this.#exchange({ method, url, ...rest });
  }

  /** Configured credentials. */
  get credentials(): Credentials | undefined {
    return this.#options.credentials;
  }

  /** Returns the current time in milliseconds since the Unix epoch. */
  now(): number {
    return this.#options.now().getTime();
  }

  /** Closes all connections. */
  close(): void {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }

  async #exchange(outgoing: RegistryRequest): Promise<RegistryResponse> {
    const protocol = outgoing.url.protocol === "https:" ? "https:" : "http:";
    const options: ExchangeOptions = {
      agent: this.#agents[protocol],
      userAgent: this.#options.userAgent,
      timeout: this.#options.timeout,
      signal: this.#signal(),
    };
    return await exchange(outgoing, options);
  }
}
