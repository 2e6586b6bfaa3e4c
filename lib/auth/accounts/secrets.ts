import { createHmac, randomInt, timingSafeEqual } from "node:crypto";

/**
 * The form of an account's secret: `dockless_`, the secret's id, and 24 random characters. The id selects one of the
 * account's secrets, so that only one hash is compared.
 */
const SECRET_PATTERN = /^dockless_([0-9A-Za-z]{6})[0-9A-Za-z]{24}$/;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** A generated secret. */
export interface GeneratedSecret {
  readonly id: string;
  /** The plain text, which is not stored. */
  readonly secret: string;
}

/**
 * Generates a secret.
 * @param random returns a cryptographically random integer from 0 to below its argument
 */
export function generateSecret(random: (below: number) => number = randomInt): GeneratedSecret {
  const characters = (length: number) =>
    Array.from({ length }, () => ALPHABET[random(ALPHABET.length)]).join("");
  const id = characters(6);
  return { id, secret: `dockless_${id}${characters(24)}` };
}

/** Returns the id of a secret, or undefined when the text is not a well-formed secret. */
export function secretIdOf(text: string): string | undefined {
  return SECRET_PATTERN.exec(text)?.[1];
}

/** Returns whether a text contains a secret, so that it must not be logged. */
export function containsSecret(text: string): boolean {
  return /dockless_[0-9A-Za-z]{30}/.test(text);
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const HASH_PATTERN = /^\$hmac-sha256\$([\w+/]{22})\$([\w+/]{43})$/;

/**
 * Hashes a secret with HMAC-SHA256, keyed by a salt. A slow hash protects passwords that people choose; a generated secret
 * has 143 random bits, which cannot be guessed at any speed.
 * @param salt 16 random bytes
 * @returns the hash in PHC string format, which includes the algorithm's name, so that the algorithm can be replaced later
 */
export function hashSecret(secret: string, salt: Uint8Array): string {
  return formatHash(salt, derive(secret, salt));
}

/** A hash that no secret matches. It is compared for unknown names, so that they take as long to reject as known ones. */
export const DUMMY_HASH = formatHash(new Uint8Array(SALT_BYTES), new Uint8Array(HASH_BYTES));

/** Returns whether the secret matches the hash, in constant time; false when the hash is malformed. */
export function verifySecret(secret: string, encoded: string): boolean {
  const [, salt, hash] = HASH_PATTERN.exec(encoded) ?? [];
  if (salt === undefined || hash === undefined) return false;
  return timingSafeEqual(derive(secret, Buffer.from(salt, "base64")), Buffer.from(hash, "base64"));
}

function derive(secret: string, salt: Uint8Array): Buffer {
  return createHmac("sha256", salt).update(secret).digest();
}

function formatHash(salt: Uint8Array, hash: Uint8Array): string {
  return `$hmac-sha256$${encode(salt)}$${encode(hash)}`;
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
