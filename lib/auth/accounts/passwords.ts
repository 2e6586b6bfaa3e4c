import { HmacCache } from "../../concurrency/hmac-cache.ts";
import { put, type RecordStore } from "../../ports/record-store.ts";
import { type Authenticator, CredentialsRefusedError } from "../authenticator.ts";
import { AUTHENTICATED, subjectOf } from "../grants/subject.ts";
import type { Identity } from "../identity.ts";
import type { AccessSnapshot } from "../snapshot.ts";
import { isGood, type Principal, type StoredSecret, usedKey } from "./principals.ts";
import type { SecretVerifier } from "./secret-verifier.ts";
import { NO_HASH, secretIdOf } from "./secrets.ts";

export interface PasswordOptions {
  readonly records: RecordStore;
  readonly secretVerifier: SecretVerifier;
  access(): Promise<AccessSnapshot>;
  now(): Date;
}

const HOUR = 3_600_000;
const MAX_VERIFIED_SECRETS = 1000;

/** Users and robots, with the secrets that they were given. */
export class PasswordAuthenticator implements Authenticator {
  readonly #options: PasswordOptions;
  /** The hash that a secret was found to have, so that who comes again need not wait for scrypt. */
  readonly #verified = new HmacCache<string>(MAX_VERIFIED_SECRETS);
  readonly #used = new Map<string, number>();

  constructor(options: PasswordOptions) {
    this.#options = options;
  }

  async authenticate(username: string, password: string): Promise<Identity | undefined> {
    const id = secretIdOf(password);
    // Nobody's secret, so that whose it is not cannot be learnt from how soon this is known.
    if (id === undefined) throw new CredentialsRefusedError("the password is no secret of this registry");
    const { principals } = await this.#options.access();
    const now = this.#options.now();
    const principal = principals.find(({ name }) => name === username);
    const secret = principal?.secrets.find((known) => known.id === id);
    // Always compared with something, so that the time does not tell who there is.
    const isRight = await this.#verify(password, secret?.hash ?? NO_HASH);
    if (principal === undefined) throw new CredentialsRefusedError("there is no such user or robot");
    const who = `${principal.kind}:${principal.name}`;
    if (secret === undefined || !isRight) throw new CredentialsRefusedError(`${who}: wrong secret`);
    if (!isGood(secret, now)) throw new CredentialsRefusedError(`${who}: secret ${secret.id} has expired`);
    await this.#noteUse(principal, now);
    return identityOf(principal, secret);
  }

  async #verify(password: string, hash: string): Promise<boolean> {
    if (this.#verified.get(password) === hash) return true;
    const isRight = await this.#options.secretVerifier.verify(password, hash);
    if (isRight) this.#verified.set(password, hash);
    return isRight;
  }

  /** At most once an hour. Signing in must not fail for want of it. */
  async #noteUse({ kind, name, lastUsed = "" }: Principal, now: Date): Promise<void> {
    const subject = subjectOf(kind, name);
    const last = Math.max(this.#used.get(subject) ?? 0, Date.parse(lastUsed) || 0);
    if (now.getTime() - last < HOUR) return;
    this.#used.set(subject, now.getTime());
    await this.#options.records
      .write([put(usedKey(kind, name), { at: now.toISOString() })])
      .catch(() => undefined);
  }
}

/** Who a principal is, as long as the secret is good. */
export function identityOf({ kind, name, groups }: Principal, { id, expires }: StoredSecret): Identity {
  const subject = subjectOf(kind, name);
  return {
    name: subject,
    subjects: [subject, ...groups.map((group) => subjectOf("group", group)), AUTHENTICATED],
    secret: id,
    ...(expires === undefined ? {} : { notAfter: new Date(expires) }),
  };
}
