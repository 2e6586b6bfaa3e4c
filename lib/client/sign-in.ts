import { expectStatus } from "../doctor/findings/answer.ts";
import { NoCredentials, Problem, Unmet } from "../doctor/findings/finding.ts";
import { isLoopback } from "../doctor/loopback.ts";
import { type Challenge, readChallenge } from "./challenge.ts";
import { bytesBlob } from "./content.ts";
import type { Answer, Outgoing } from "./exchange.ts";

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export const WRONG_PASSWORD = {
  cause: "the username or the password is wrong",
  advice: "sign in with them by docker login; see that the password has no line break at its end",
};

export interface SignInOptions {
  readonly base: URL;
  readonly scope: string;
  readonly credentials: Credentials | undefined;
  readonly now: () => Date;
  readonly send: (outgoing: Outgoing) => Promise<Answer>;
}

interface Token {
  readonly text: string;
  /** Epoch milliseconds after which another one is asked for. */
  readonly renewAt: number;
}

/** How long a token is good for that does not say so: seconds. */
const DEFAULT_LIFETIME = 60;

/** Signs in as clients do: once challenged, with a token that is renewed in time. */
export class SignIn {
  readonly #options: SignInOptions;
  #challenge: Promise<Challenge | undefined> | undefined;
  #token: Token | undefined;

  constructor(options: SignInOptions) {
    this.#options = options;
  }

  /** The value of `Authorization`; undefined where nobody has to sign in. */
  async authorization(): Promise<string | undefined> {
    const challenge = await this.challenge();
    if (challenge === undefined) return undefined;
    const { credentials, now } = this.#options;
    if (credentials === undefined) throw new NoCredentials("needs --username and --password-stdin");
    if (challenge.scheme === "basic") return basic(credentials);
    if (this.#token === undefined || this.#token.renewAt < now().getTime()) {
      this.#token = await this.#newToken(challenge).catch((error) => {
        throw new Unmet("token-get", error);
      });
    }
    return `Bearer ${this.#token.text}`;
  }

  /** What `GET /v2/` demands, also when the header that says so came under another name. */
  async challenge(): Promise<Challenge | undefined> {
    this.#challenge ??= this.#ask();
    return await this.#challenge;
  }

  /** The way that most clients take. */
  async getToken(challenge: Challenge): Promise<Answer> {
    const { scope, credentials } = this.#options;
    const url = realmOf(challenge);
    const { service } = challenge.parameters;
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", scope);
    const headers = credentials === undefined ? {} : { authorization: basic(credentials) };
    return await this.#options.send({ method: "GET", url, headers });
  }

  /** The way of containerd and BuildKit: https://distribution.github.io/distribution/spec/auth/oauth/ */
  async postToken(challenge: Challenge, { username, password }: Credentials): Promise<Answer> {
    const form = new URLSearchParams({
      grant_type: "password",
      service: challenge.parameters["service"] ?? "",
      client_id: "dockless-doctor",
      scope: this.#options.scope,
      username,
      password,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    const body = bytesBlob(Buffer.from(form.toString()));
    return await this.#options.send({ method: "POST", url: realmOf(challenge), headers, body });
  }

  async #ask(): Promise<Challenge | undefined> {
    const answer = await this.#options.send({ method: "GET", url: new URL("/v2/", this.#options.base) });
    if (answer.status !== 401) return undefined;
    const { "www-authenticate": plain, "x-amzn-remapped-www-authenticate": remapped } = answer.headers;
    const challenge = readChallenge(plain ?? remapped ?? "");
    const fault = challenge === undefined ? "it cannot be read" : faultOf(challenge, this.#options.base);
    if (challenge === undefined || fault !== undefined) throw new Unmet("challenge", unusable(fault));
    return challenge;
  }

  async #newToken(challenge: Challenge): Promise<Token> {
    const answer = expectStatus(await this.getToken(challenge), [200], {
      what: "the request for a token",
      fallback: WRONG_PASSWORD,
    });
    const { text, lifetime } = readToken(answer);
    return { text, renewAt: this.#options.now().getTime() + lifetime * 500 };
  }
}

/** Why nobody can, or should, sign in there. */
export function faultOf({ scheme, parameters }: Challenge, base: URL): string | undefined {
  const { realm } = parameters;
  if (realm === undefined) return "it has no realm";
  if (scheme === "basic") return undefined;
  if (!URL.canParse(realm)) return "its realm is no absolute URL";
  const url = new URL(realm);
  const isSafe = url.protocol === "https:" || (isLoopback(url) && isLoopback(base));
  return isSafe ? undefined : "its realm is not https";
}

function unusable(fault: string | undefined): Problem {
  return new Problem(`the challenge is of no use: ${fault}`, {
    expected: 'WWW-Authenticate: Bearer realm="https://…",service="…"',
    came: "another one",
    cause: "the registry is not told its own address, or a front changes the header",
    advice: "run the check challenge, which says more",
  });
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** @throws Problem when there is no token in the answer */
export function readToken(answer: Answer): { readonly text: string; readonly lifetime: number } {
  const body = parsed(answer.body.toString("utf8"));
  const text = body["token"] ?? body["access_token"];
  const lifetime = body["expires_in"];
  if (typeof text === "string" && text !== "") {
    return { text, lifetime: typeof lifetime === "number" ? lifetime : DEFAULT_LIFETIME };
  }
  throw new Problem("the answer has no token", {
    expected: 'JSON with "token" or "access_token"',
    came: `${answer.headers["content-type"] ?? "no content type"}, ${answer.body.length} bytes`,
    cause: "the realm of the challenge is not the registry's token service",
    advice: "compare the realm in the challenge with the address of the token service",
  });
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
