import { put, type RecordStore } from "../../ports/record-store.ts";
import { type Authenticator, CredentialsRejectedError } from "../authenticator.ts";
import { AUTHENTICATED_GRANTEE, granteeOf } from "../grants/grantee.ts";
import type { Identity } from "../identity.ts";
import type { AccessSnapshot } from "../snapshot.ts";
import { type Account, isUnexpired, lastUseKey, type StoredSecret } from "./accounts.ts";
import { DUMMY_HASH, secretIdOf, verifySecret } from "./secrets.ts";

/** The store, the configuration and the clock of a `PasswordAuthenticator`. */
export interface PasswordOptions {
  readonly records: RecordStore;
  access(): Promise<AccessSnapshot>;
  now(): Date;
}

/** Minimum interval between two updates of an account's last use. */
const LAST_USE_INTERVAL_MILLISECONDS = 3_600_000;

/** Authenticates users and robots by their name and secret. */
export class PasswordAuthenticator implements Authenticator {
  readonly #options: PasswordOptions;
  readonly #lastUses = new Map<string, number>();

  constructor(options: PasswordOptions) {
    this.#options = options;
  }

  async authenticate(username: string, password: string): Promise<Identity | undefined> {
    const id = secretIdOf(password);
    // A malformed secret belongs to no account, so the timing of this early rejection reveals nothing about accounts.
    if (id === undefined) throw new CredentialsRejectedError("malformed secret: not issued by this registry");
    const { accounts } = await this.#options.access();
    const now = this.#options.now();
    const account = accounts.find(({ name }) => name === username);
    const secret = account?.secrets.find((known) => known.id === id);
    // Exactly one hash is always compared, so that timing does not reveal which accounts and secrets exist.
    const isMatch = verifySecret(password, secret?.hash ?? DUMMY_HASH);
    if (account === undefined) throw new CredentialsRejectedError("unknown user or robot");
    const label = `${account.kind}:${account.name}`;
    if (secret === undefined || !isMatch) throw new CredentialsRejectedError(`${label}: wrong secret`);
    if (!isUnexpired(secret, now))
      throw new CredentialsRejectedError(`${label}: secret ${secret.id} has expired`);
    await this.#recordUse(account, now);
    return identityOf(account, secret);
  }

  /** Records the use, at most once per interval. A failure is ignored: authentication does not depend on it. */
  async #recordUse({ kind, name }: Account, now: Date): Promise<void> {
    const grantee = granteeOf(kind, name);
    const isRecent = (last: number) => now.getTime() - last < LAST_USE_INTERVAL_MILLISECONDS;
    if (isRecent(this.#lastUses.get(grantee) ?? 0)) return;
    this.#lastUses.set(grantee, now.getTime());
    const { records } = this.#options;
    const key = lastUseKey(kind, name);
    try {
      // Another process may have recorded a use since the access configuration was loaded: that does not change its version.
      const last = Date.parse((await records.get(key))?.at ?? "") || 0;
      if (isRecent(last)) this.#lastUses.set(grantee, last);
      else await records.write([put(key, { at: now.toISOString() })]);
    } catch {
      // The use is recorded by a later request.
    }
  }
}

/** Returns the identity of an account that authenticated with the secret. It expires with the secret. */
export function identityOf({ kind, name, groups }: Account, { id, expires }: StoredSecret): Identity {
  const grantee = granteeOf(kind, name);
  return {
    name: grantee,
    grantees: [grantee, ...groups.map((group) => granteeOf("group", group)), AUTHENTICATED_GRANTEE],
    secret: id,
    ...(expires === undefined ? {} : { notAfter: new Date(expires) }),
  };
}
