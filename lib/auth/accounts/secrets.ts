import { randomInt, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

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

/** Returns the id of a secret, or undefined when the text does not have the form of one. */
export function secretIdOf(text: string): string | undefined {
  return SECRET_PATTERN.exec(text)?.[1];
}

/**
 * N=2^15, r=8, p=3, which takes 32 MiB per hash.
 * @see https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#scrypt as of 2026
 */
const SCRYPT_COST = { ln: 15, r: 8, p: 3 };
const HASH_LENGTH_BYTES = 32;
const HASH_PATTERN = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22})\$([\w+/]{43})$/;

/** Hashes a secret with scrypt. @returns the PHC string format, which has the parameters, so that they can be raised later */
export async function hashSecret(secret: string, salt: Uint8Array): Promise<string> {
  const hash = await derive(secret, salt, SCRYPT_COST);
  const { ln, r, p } = SCRYPT_COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`;
}

/** A hash that no secret matches. It is compared for unknown names, so that they take as long as known ones. */
export const DUMMY_HASH = `$scrypt$ln=15,r=8,p=3$${encode(new Uint8Array(16))}$${encode(new Uint8Array(HASH_LENGTH_BYTES))}`;

/** Returns whether the secret matches the hash, in constant time; false when the hash is malformed. */
export async function verifySecret(secret: string, encoded: string): Promise<boolean> {
  const [, ln, r, p, salt = "", hash = ""] = HASH_PATTERN.exec(encoded) ?? [];
  if (ln === undefined) return false;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const derived = await derive(secret, Buffer.from(salt, "base64"), cost);
  return timingSafeEqual(derived, Buffer.from(hash, "base64"));
}

async function derive(secret: string, salt: Uint8Array, { ln, r, p }: typeof SCRYPT_COST): Promise<Buffer> {
  const N = 2 ** ln;
  const maxmem = 128 * r * (N + p + 2);
  return await scryptAsync(secret, salt, HASH_LENGTH_BYTES, { N, r, p, maxmem });
}

async function scryptAsync(...args: readonly [string, Uint8Array, number, ScryptOptions]): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    scrypt(...args, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
