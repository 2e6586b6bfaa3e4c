import type { CryptoKey } from "jose";
import { exportJWK } from "jose/key/export";
import { generateKeyPair } from "jose/key/generate/keypair";
import { importJWK } from "jose/key/import";
import { RefreshingCache } from "../../concurrency/refreshing-cache.ts";
import { PARTITIONS, TOKEN_KEY_SORT } from "../../ports/record-keys.ts";
import {
  ConditionFailedError,
  type Entry,
  type Key,
  put,
  type RecordStore,
  remove,
} from "../../ports/record-store.ts";

/** The public key, Ed25519 as in RFC 8037. Times are ISO 8601. */
type PublicKeyRecord = { readonly x: string; readonly created: string };
type PrivateKeyRecord = { readonly x: string; readonly d: string };
type PublicEntry = Entry<PublicKeyRecord>;

const PUBLIC_KEYS: Key<PublicKeyRecord> = { partition: PARTITIONS.keys, sort: TOKEN_KEY_SORT };

/** Stored in a separate partition, so that IAM can deny access to roles that only verify tokens. */
const PRIVATE_KEYS: Key<PrivateKeyRecord> = { partition: PARTITIONS.secrets, sort: TOKEN_KEY_SORT };

const DAY_MILLISECONDS = 86_400_000;
/** Milliseconds for which a key signs tokens. */
const SIGNING_PERIOD_MILLISECONDS = 30 * DAY_MILLISECONDS;
/** Milliseconds for which a key is kept after its successor was created: longer than the lifetime of any token. */
const RETENTION_MILLISECONDS = 100 * DAY_MILLISECONDS;
/**
 * Milliseconds between the creation of a key and its first use. Longer than `READ_PAUSE_MILLISECONDS`, so that every process
 * can read the key before it receives a token signed with it.
 */
const LEAD_MILLISECONDS = 60_000;
/** Milliseconds after which a signing process checks whether another process has created a new key. */
const SIGNING_FRESH_MILLISECONDS = 10 * 60_000;
/** Minimum interval between two reads triggered by an unknown key id, which anyone can send. */
const READ_PAUSE_MILLISECONDS = 10_000;
/** The number of keys that one write can delete. Normally at most five exist; each replacement adds one. */
const MAX_REPLACED_KEYS = 90;

/** A private key, and its id for the `kid` header of tokens. */
export interface SigningKey {
  readonly kid: string;
  readonly key: CryptoKey;
}

/** The store and the clocks of `TokenKeys`. */
export interface TokenKeysOptions {
  readonly records: RecordStore;
  now(): Date;
  /** Milliseconds of a monotonic clock. */
  monotonicNow(): number;
}

/** The keys that sign and verify tokens. The newest key signs, the ones before it still verify. */
export class TokenKeys {
  readonly #options: TokenKeysOptions;
  readonly #signing: RefreshingCache<SigningKey>;
  readonly #verifying: RefreshingCache<ReadonlyMap<string, CryptoKey>>;

  constructor(options: TokenKeysOptions) {
    const { monotonicNow } = options;
    this.#options = options;
    this.#signing = new RefreshingCache({
      load: () => this.#findSigningKey(),
      monotonicNow,
      freshMilliseconds: SIGNING_FRESH_MILLISECONDS,
    });
    this.#verifying = new RefreshingCache({
      load: () => this.#readPublicKeys(),
      monotonicNow,
      freshMilliseconds: Number.POSITIVE_INFINITY,
      pauseMilliseconds: { afterSuccess: READ_PAUSE_MILLISECONDS },
    });
  }

  /** Returns the current signing key. */
  async getSigningKey(): Promise<SigningKey> {
    return await this.#signing.get();
  }

  /** Returns the verification key for a `kid`; undefined when the keys read last do not contain it. */
  async findVerificationKey(kid: string): Promise<CryptoKey | undefined> {
    return (await this.#verifying.get()).get(kid) ?? (await this.#verifying.refresh()).get(kid);
  }

  async #readPublicKeys(): Promise<ReadonlyMap<string, CryptoKey>> {
    const entries = await this.#options.records.query(PUBLIC_KEYS, { limit: 1000 });
    const keys = entries.map(async ({ key, value: { x } }) => {
      return [key.sort.slice(PUBLIC_KEYS.sort.length), await importKey({ x })] as const;
    });
    return new Map(await Promise.all(keys));
  }

  /** Finds the signing key, and creates the next one when due. On a write conflict, the other process's key is used. */
  async #findSigningKey(): Promise<SigningKey> {
    const { records, now } = this.#options;
    for (;;) {
      const all = await records.query(PUBLIC_KEYS, { limit: 1000 });
      const [newest, previous] = all.toReversed();
      if (newest !== undefined && ageOf(newest, now()) < SIGNING_PERIOD_MILLISECONDS) {
        const found = await this.#findPrivateKey(
          ageOf(newest, now()) < LEAD_MILLISECONDS ? [previous, newest] : [newest],
        );
        if (found !== undefined) return found;
      }
      const expired = all
        .filter((_, index) => ageOf(all[index + 1], now()) > RETENTION_MILLISECONDS)
        .slice(0, 50);
      const keysToDelete = [...expired.map(({ key }) => key), ...privateKeys([previous])];
      await createKey(records, now(), newest, keysToDelete).catch((error: unknown) => {
        if (!(error instanceof ConditionFailedError)) throw error;
      });
    }
  }

  /** Returns the first key whose private half is still stored. */
  async #findPrivateKey(entries: readonly (PublicEntry | undefined)[]): Promise<SigningKey | undefined> {
    for (const key of privateKeys(entries)) {
      const half = await this.#options.records.get(key);
      if (half !== undefined) return { kid: kidOf(key), key: await importKey(half) };
    }
    return undefined;
  }
}

/**
 * Invalidates all tokens when a key may be compromised: creates a new key and deletes all others. Running processes have
 * the old keys in memory, so they must be restarted.
 */
export async function replaceKeys(records: RecordStore, now: Date): Promise<void> {
  const all = await records.query(PUBLIC_KEYS, { limit: MAX_REPLACED_KEYS });
  await createKey(records, now, all.at(-1), [...all.map(({ key }) => key), ...privateKeys(all.slice(-2))]);
}

/** Returns the age of a key in milliseconds; 0 without a key. */
function ageOf(entry: PublicEntry | undefined, now: Date): number {
  return entry === undefined ? 0 : now.getTime() - Date.parse(entry.value.created);
}

/** Creates the next key, conditional on no other process having created it. */
async function createKey(
  records: RecordStore,
  now: Date,
  last: PublicEntry | undefined,
  keysToDelete: readonly Key<PublicKeyRecord | PrivateKeyRecord>[],
): Promise<void> {
  const kid = String(Number(last === undefined ? 0 : kidOf(last.key)) + 1).padStart(8, "0");
  const { x, d } = await generateKey();
  await records.write([
    put(publicKey(kid), { x, created: now.toISOString() }, "absent"),
    put(privateKey(kid), { x, d }),
    ...keysToDelete.map((key) => remove(key)),
  ]);
}

function kidOf({ sort }: Key<PublicKeyRecord | PrivateKeyRecord>): string {
  return sort.slice(PUBLIC_KEYS.sort.length);
}

function privateKeys(entries: readonly (PublicEntry | undefined)[]): readonly Key<PrivateKeyRecord>[] {
  return entries.flatMap((entry) => (entry === undefined ? [] : [privateKey(kidOf(entry.key))]));
}

function publicKey(kid: string): Key<PublicKeyRecord> {
  return { ...PUBLIC_KEYS, sort: `${PUBLIC_KEYS.sort}${kid}` };
}

function privateKey(kid: string): Key<PrivateKeyRecord> {
  return { ...PRIVATE_KEYS, sort: `${PRIVATE_KEYS.sort}${kid}` };
}

async function generateKey(): Promise<PrivateKeyRecord> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { x, d } = await exportJWK(privateKey);
  if (x === undefined || d === undefined) throw new Error("the new key cannot be exported");
  return { x, d };
}

async function importKey(half: { readonly x: string; readonly d?: string }): Promise<CryptoKey> {
  const key = await importJWK({ kty: "OKP", crv: "Ed25519", ...half }, "EdDSA");
  if (key instanceof Uint8Array) throw new Error("the key is not an asymmetric key");
  return key;
}
