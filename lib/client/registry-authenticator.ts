import { type Challenge, readChallenge } from "./challenge.ts";
import { ClientError } from "./client-error.ts";
import { createBlob } from "./content.ts";
import { isLoopback } from "./loopback.ts";
import type { RegistryRequest, RegistryResponse } from "./message.ts";

/** A username and its password. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Options of a `RegistryAuthenticator`. */
export interface RegistryAuthenticatorOptions {
  /** Base URL of the registry. */
  readonly base: URL;
  /** Scope of the requested tokens. */
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** `client_id` of token requests. */
  readonly clientId: string;
  readonly now: () => Date;
  readonly send: (outgoing: RegistryRequest) => Promise<RegistryResponse>;
}

/** A bearer token. */
export interface Token {
  readonly text: string;
  /** Lifetime in seconds. */
  readonly lifetime: number;
}

/**
 * Lifetime of a token without `expires_in`: "If omitted, this defaults to 60 seconds."
 * @see https://distribution.github.io/distribution/spec/auth/token/#token-response-fields
 */
const DEFAULT_LIFETIME_SECONDS = 60;

/** Authenticates as registry clients do: in response to a challenge, with a token that is renewed before it expires. */
export class RegistryAuthenticator {
  readonly #options: RegistryAuthenticatorOptions;
  #challenge: Promise<Challenge | undefined> | undefined;
  #token: { readonly text: string; readonly renewAtMilliseconds: number } | undefined;

  constructor(options: RegistryAuthenticatorOptions) {
    this.#options = options;
  }

  /**
   * Returns the value of `Authorization`, or undefined if the registry requires no authentication.
   * @throws ClientError
   */
  async getAuthorization(): Promise<string | undefined> {
    const challenge = await this.getChallenge();
    if (challenge === undefined) return undefined;
    const { credentials, now } = this.#options;
    if (credentials === undefined) throw new ClientError({ code: "CREDENTIALS_REQUIRED" });
    if (challenge.scheme === "basic") return formatBasicAuthorization(credentials);
    if (this.#token === undefined || this.#token.renewAtMilliseconds < now().getTime()) {
      const { text, lifetime } = await this.#requestToken(challenge);
      this.#token = { text, renewAtMilliseconds: now().getTime() + lifetime * 500 };
    }
    return `Bearer ${this.#token.text}`;
  }

  /**
   * Returns the challenge in the response to `GET /v2/`, even if API Gateway renamed its header, or undefined if there is no
   * challenge. The result is cached.
   * @throws ClientError with NO_RESPONSE or CHALLENGE_INVALID
   */
  async getChallenge(): Promise<Challenge | undefined> {
    this.#challenge ??= this.#requestChallenge();
    return await this.#challenge;
  }

  /** Requests a token with GET, as most clients do: https://distribution.github.io/distribution/spec/auth/token/ */
  async requestTokenByGet(challenge: Challenge): Promise<RegistryResponse> {
    const { scope, credentials } = this.#options;
    const url = realmOf(challenge);
    const { service } = challenge.parameters;
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", scope);
    const headers = credentials === undefined ? {} : { authorization: formatBasicAuthorization(credentials) };
    return await this.#options.send({ method: "GET", url, headers });
  }

  /**
   * Requests a token by posting a form, as containerd and BuildKit do.
   * @see https://distribution.github.io/distribution/spec/auth/oauth/
   */
  async requestTokenByPost(
    challenge: Challenge,
    { username, password }: Credentials,
  ): Promise<RegistryResponse> {
    const form = new URLSearchParams({
      grant_type: "password",
      service: challenge.parameters["service"] ?? "",
      client_id: this.#options.clientId,
      scope: this.#options.scope,
      username,
      password,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const body = createBlob(Buffer.from(form.toString()));
    return await this.#options.send({ method: "POST", url: realmOf(challenge), headers, body });
  }

  async #requestChallenge(): Promise<Challenge | undefined> {
    const response = await this.#options.send({ method: "GET", url: new URL("/v2/", this.#options.base) });
    if (response.status !== 401) return undefined;
    const { "www-authenticate": plain, "x-amzn-remapped-www-authenticate": remapped } = response.headers;
    const challenge = readChallenge(plain ?? remapped ?? "");
    if (challenge === undefined) throw createChallengeError("it is missing or malformed", response);
    const fault = findChallengeFault(challenge, this.#options.base);
    if (fault !== undefined) throw createChallengeError(fault, response);
    return challenge;
  }

  async #requestToken(challenge: Challenge): Promise<Token> {
    const response = await this.requestTokenByGet(challenge).catch(throwUnanswered);
    if (response.status !== 200) throw new ClientError({ code: "TOKEN_REJECTED", response });
    const token = readToken(response);
    if (token === undefined) throw new ClientError({ code: "TOKEN_MISSING", response });
    return token;
  }
}

function createChallengeError(fault: string, response: RegistryResponse): ClientError {
  return new ClientError({ code: "CHALLENGE_INVALID", fault, response });
}

function throwUnanswered(error: unknown): never {
  if (!(error instanceof ClientError) || error.failure.code !== "NO_RESPONSE") throw error;
  throw new ClientError({ ...error.failure, code: "TOKEN_NO_RESPONSE" }, { cause: error });
}

/** The fault of a challenge that directs clients of an https URL to plain HTTP. */
export const PLAIN_REALM_FAULT = "its realm is an http URL, although the registry is reached over https";

/** Returns the reason why a client cannot safely authenticate with this challenge, or undefined if it can. */
export function findChallengeFault({ scheme, parameters }: Challenge, base: URL): string | undefined {
  const { realm } = parameters;
  if (realm === undefined) return "it has no realm";
  if (scheme === "basic") return undefined;
  if (!URL.canParse(realm)) return "its realm is not an absolute URL";
  const url = new URL(realm);
  if (url.protocol === "https:") return undefined;
  if (url.protocol === "http:" && base.protocol === "https:") return PLAIN_REALM_FAULT;
  return isLoopback(url) && isLoopback(base) ? undefined : "its realm is not an https URL";
}

function formatBasicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Returns the token from a token service's response, or undefined if it contains no token. */
export function readToken(response: RegistryResponse): Token | undefined {
  const {
    token,
    access_token: accessToken,
    expires_in: lifetime,
  } = parseObject(response.body.toString("utf8"));
  const text = token ?? accessToken;
  if (typeof text !== "string" || text === "") return undefined;
  return { text, lifetime: typeof lifetime === "number" ? lifetime : DEFAULT_LIFETIME_SECONDS };
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function realmOf({ parameters }: Challenge): URL {
  return new URL(parameters["realm"] ?? "");
}
