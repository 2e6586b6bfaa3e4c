import { type CryptoKey, exportJWK, generateKeyPair, importJWK } from "jose";
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

/** Ed25519, RFC 8037. Times are ISO 8601. */
type PublicKeyRecord = { readonly x: string; readonly created: string };
type PrivateKeyRecord = { readonly x: string; readonly d: string };
type PublicEntry = Entry<PublicKeyRecord>;

const PUBLIC: Key<PublicKeyRecord> = { partition: PARTITIONS.keys, sort: TOKEN_KEY_SORT };

/** Apart from the public half, so that who only verifies can be kept from it. */
const PRIVATE: Key<PrivateKeyRecord> = { partition: PARTITIONS.secrets, sort: TOKEN_KEY_SORT };

const DAY = 86_400_000;
/** Milliseconds for which a key signs, and for which it is kept after the next one, until all that it signed is over. */
const SIGNS = 30 * DAY;
const VERIFIES = 100 * DAY;
/** Milliseconds before a new key signs: more than `READ_PAUSE_MILLISECONDS`, so that nobody who meets it has read the keys before it. */
const LEAD = 60_000;
/** Milliseconds after which a signer looks whether another process has made a new key. */
const SIGNING_FRESH_MILLISECONDS = 10 * 60_000;
/** Milliseconds between two readings for the sake of an unknown key: strangers can make up such names. */
const READ_PAUSE_MILLISECONDS = 10_000;
/** As many as one write can remove. There are five at most, unless somebody replaces them again and again. */
const MAX_REPLACED = 90;

export interface SigningKey {
  readonly kid: string;
  readonly key: CryptoKey;
}

export interface TokenKeysOptions {
  readonly records: RecordStore;
  now(): Date;
  /** Milliseconds of a clock that never goes back. */
  monotonicNow(): number;
}

/** The keys of tokens: one signs, those before it still verify. */
export class TokenKeys {
  readonly #options: TokenKeysOptions;
  readonly #signing: RefreshingCache<SigningKey>;
  readonly #verifying: RefreshingCache<ReadonlyMap<string, CryptoKey>>;

  constructor(options: TokenKeysOptions) {
    const { monotonicNow } = options;
    this.#options = options;
    this.#signing = new RefreshingCache({
      load: () => this.#findSigning(),
      monotonicNow,
      freshFor: SIGNING_FRESH_MILLISECONDS,
    });
    this.#verifying = new RefreshingCache({
      load: () => this.#readPublic(),
      monotonicNow,
      freshFor: Number.POSITIVE_INFINITY,
      pauses: { afterSuccess: READ_PAUSE_MILLISECONDS },
    });
  }

  async signing(): Promise<SigningKey> {
    return await this.#signing.get();
  }

  /** @returns undefined when there is no such key, as far as is known */
  async verifying(kid: string): Promise<CryptoKey | undefined> {
    return (await this.#verifying.get()).get(kid) ?? (await this.#verifying.refresh()).get(kid);
  }

  async #readPublic(): Promise<ReadonlyMap<string, CryptoKey>> {
    const entries = await this.#options.records.query(PUBLIC, { limit: 1000 });
    const keys = entries.map(async ({ key, value: { x } }) => {
      return [key.sort.slice(PUBLIC.sort.length), await importKey({ x })] as const;
    });
    return new Map(await Promise.all(keys));
  }

  /** When the newest key is too old, there is one after it. If somebody else is quicker to make it, theirs. */
  async #findSigning(): Promise<SigningKey> {
    const { records, now } = this.#options;
    for (;;) {
      const all = await records.query(PUBLIC, { limit: 1000 });
      const [newest, previous] = all.toReversed();
      if (newest !== undefined && ageOf(newest, now()) < SIGNS) {
        const found = await this.#firstOf(ageOf(newest, now()) < LEAD ? [previous, newest] : [newest]);
        if (found !== undefined) return found;
      }
      const over = all.filter((_, index) => ageOf(all[index + 1], now()) > VERIFIES).slice(0, 50);
      const removed = [...over.map(({ key }) => key), ...privateKeys([previous])];
      await makeKey(records, now(), newest, removed).catch((error: unknown) => {
        if (!(error instanceof ConditionFailedError)) throw error;
      });
    }
  }

  /** The first whose private half there still is. */
  async #firstOf(entries: readonly (PublicEntry | undefined)[]): Promise<SigningKey | undefined> {
    for (const key of privateKeys(entries)) {
      const half = await this.#options.records.get(key);
      if (half !== undefined) return { kid: kidOf(key), key: await importKey(half) };
    }
    return undefined;
  }
}

/**
 * Ends all tokens at once, for a key that somebody else may have: there is a new one, and none of those before it. A
 * process that runs still knows the old ones, so it must be started anew.
 */
export async function replaceKeys(records: RecordStore, now: Date): Promise<void> {
  const all = await records.query(PUBLIC, { limit: MAX_REPLACED });
  await makeKey(records, now, all.at(-1), [...all.map(({ key }) => key), ...privateKeys(all.slice(-2))]);
}

/** Milliseconds; none when there is no such key. */
function ageOf(entry: PublicEntry | undefined, now: Date): number {
  return entry === undefined ? 0 : now.getTime() - Date.parse(entry.value.created);
}

/** On the condition that nobody else has made the next one. */
async function makeKey(
  records: RecordStore,
  now: Date,
  last: PublicEntry | undefined,
  removed: readonly Key<PublicKeyRecord | PrivateKeyRecord>[],
): Promise<void> {
  const kid = String(Number(last === undefined ? 0 : kidOf(last.key)) + 1).padStart(8, "0");
  const { x, d } = await generate();
  await records.write([
    put(publicKey(kid), { x, created: now.toISOString() }, "absent"),
    put(privateKey(kid), { x, d }),
    ...removed.map((key) => remove(key)),
  ]);
}

function kidOf({ sort }: Key<PublicKeyRecord | PrivateKeyRecord>): string {
  return sort.slice(PUBLIC.sort.length);
}

function privateKeys(entries: readonly (PublicEntry | undefined)[]): readonly Key<PrivateKeyRecord>[] {
  return entries.flatMap((entry) => (entry === undefined ? [] : [privateKey(kidOf(entry.key))]));
}

function publicKey(kid: string): Key<PublicKeyRecord> {
  return { ...PUBLIC, sort: `${PUBLIC.sort}${kid}` };
}

function privateKey(kid: string): Key<PrivateKeyRecord> {
  return { ...PRIVATE, sort: `${PRIVATE.sort}${kid}` };
}

async function generate(): Promise<PrivateKeyRecord> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { x, d } = await exportJWK(privateKey);
  if (x === undefined || d === undefined) throw new Error("the new key cannot be exported");
  return { x, d };
}

async function importKey(half: { readonly x: string; readonly d?: string }): Promise<CryptoKey> {
  const key = await importJWK({ kty: "OKP", crv: "Ed25519", ...half }, "EdDSA");
  if (key instanceof Uint8Array) throw new Error("not a key pair");
  return key;
}
