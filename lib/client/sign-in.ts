import { type Challenge, readChallenge } from "./challenge.ts";
import { ClientError } from "./client-error.ts";
import { bytesBlob } from "./content.ts";
import { isLoopback } from "./loopback.ts";
import type { Answer, Outgoing } from "./message.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface SignInOptions {
  readonly base: URL;
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  /** Name of this client in requests for tokens. */
  readonly clientId: string;
  readonly now: () => Date;
  readonly send: (outgoing: Outgoing) => Promise<Answer>;
}

/** A bearer token. */
export interface Token {
  readonly text: string;
  /** Seconds. */
  readonly lifetime: number;
}

const DEFAULT_LIFETIME_SECONDS = 60;

/** Signs in as clients do: once challenged, with a token that is renewed in time. */
export class SignIn {
  readonly #options: SignInOptions;
  #challenge: Promise<Challenge | undefined> | undefined;
  #token: { readonly text: string; readonly renewAtMilliseconds: number } | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /**
   * Returns the value of `Authorization`, or undefined where no sign-in is required.
   * @throws ClientError
   */
  async authorization(): Promise<string | undefined> {
    const challenge = await this.challenge();
    if (challenge === undefined) return undefined;
    const { credentials, now } = this.#options;
    if (credentials === undefined) throw new ClientError({ code: "CREDENTIALS_REQUIRED" });
    if (challenge.scheme === "basic") return basic(credentials);
    if (this.#token === undefined || this.#token.renewAtMilliseconds < now().getTime()) {
      const { text, lifetime } = await this.#newToken(challenge);
      this.#token = { text, renewAtMilliseconds: now().getTime() + lifetime * 500 };
    }
    return `Bearer ${this.#token.text}`;
  }

  /**
   * Returns the challenge of `GET /v2/`, also when its header came under another name.
   * @throws ClientError with NO_ANSWER or CHALLENGE_UNUSABLE
   */
  async challenge(): Promise<Challenge | undefined> {
    this.#challenge ??= this.#requestChallenge();
    return await this.#challenge;
  }

  /** Requests a token as most clients do: https://distribution.github.io/distribution/spec/auth/token/ */
  async getToken(challenge: Challenge): Promise<Answer> {
    const { scope, credentials } = this.#options;
    const url = realmOf(challenge);
    const { service } = challenge.parameters;
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", scope);
    const headers = credentials === undefined ? {} : { authorization: basic(credentials) };
    return await this.#options.send({ method: "GET", url, headers });
  }

  /** Requests a token as containerd and BuildKit do: https://distribution.github.io/distribution/spec/auth/oauth/ */
  async postToken(challenge: Challenge, { username, password }: Credentials): Promise<Answer> {
    const form = new URLSearchParams({
      grant_type: "password",
      service: challenge.parameters["service"] ?? "",
      client_id: this.#options.clientId,
      scope: this.#options.scope,
      username,
      password,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const body = bytesBlob(Buffer.from(form.toString()));
    return await this.#options.send({ method: "POST", url: realmOf(challenge), headers, body });
  }

  async #requestChallenge(): Promise<Challenge | undefined> {
    const answer = await this.#options.send({ method: "GET", url: new URL("/v2/", this.#options.base) });
    if (answer.status !== 401) return undefined;
    const { "www-authenticate": plain, "x-amzn-remapped-www-authenticate": remapped } = answer.headers;
    const challenge = readChallenge(plain ?? remapped ?? "");
    if (challenge === undefined) throw unusable("it cannot be read", answer);
    const fault = faultOf(challenge, this.#options.base);
    if (fault !== undefined) throw unusable(fault, answer);
    return challenge;
  }

  async #newToken(challenge: Challenge): Promise<Token> {
    const answer = await this.getToken(challenge).catch(throwUnanswered);
    if (answer.status !== 200) throw new ClientError({ code: "TOKEN_REFUSED", answer });
    const token = readToken(answer);
    if (token === undefined) throw new ClientError({ code: "TOKEN_MISSING", answer });
    return token;
  }
}

function unusable(fault: string, answer: Answer): ClientError {
  return new ClientError({ code: "CHALLENGE_UNUSABLE", fault, answer });
}

function throwUnanswered(error: unknown): never {
  if (!(error instanceof ClientError) || error.failure.code !== "NO_ANSWER") throw error;
  throw new ClientError({ ...error.failure, code: "TOKEN_UNANSWERED" }, { cause: error });
}

/** Returns the reason why a client cannot, or should not, sign in by this challenge. */
export function faultOf({ scheme, parameters }: Challenge, base: URL): string | undefined {
  const { realm } = parameters;
  if (realm === undefined) return "it has no realm";
  if (scheme === "basic") return undefined;
  if (!URL.canParse(realm)) return "its realm is no absolute URL";
  const url = new URL(realm);
  const isSafe = url.protocol === "https:" || (isLoopback(url) && isLoopback(base));
  return isSafe ? undefined : "its realm is not https";
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Returns the token in the answer of a token service, or undefined when it has none. */
export function readToken(answer: Answer): Token | undefined {
  const { token, access_token: other, expires_in: lifetime } = parsed(answer.body.toString("utf8"));
  const text = token ?? other;
  if (typeof text !== "string" || text === "") return undefined;
  return { text, lifetime: typeof lifetime === "number" ? lifetime : DEFAULT_LIFETIME_SECONDS };
}

function parsed(text: string): Readonly<Record<string, unknown>> {
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
