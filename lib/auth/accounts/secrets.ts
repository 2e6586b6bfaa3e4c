import { randomInt, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";

/**
 * What a user or robot signs in with: `dockless_`, the secret's id, and 24 characters that nobody can guess. The id
 * says which of somebody's secrets it is, so that only one must be compared.
 */
const SECRET = /^dockless_([0-9A-Za-z]{6})[0-9A-Za-z]{24}$/;
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export interface NewSecret {
  readonly id: string;
  /** To be shown once. */
  readonly secret: string;
}

/** @param random a whole number from 0 to below its argument, which nobody can predict */
export function newSecret(random: (below: number) => number = randomInt): NewSecret {
  const characters = (length: number) =>
    Array.from({ length }, () => ALPHABET[random(ALPHABET.length)]).join("");
  const id = characters(6);
  return { id, secret: `dockless_${id}${characters(24)}` };
}

/** The id of a secret, or undefined when the text is none of ours. */
export function secretIdOf(text: string): string | undefined {
  return SECRET.exec(text)?.[1];
}

/** N=2^15, r=8, p=3: OWASP's password storage cheat sheet, as of 2026; 32 MiB for each. */
const COST = { ln: 15, r: 8, p: 3 };
const LENGTH = 32;
const HASH = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([\w+/]{22})\$([\w+/]{43})$/;

/** In the PHC string format, with the parameters, so that they can be raised later. */
export async function hashSecret(secret: string, salt: Uint8Array): Promise<string> {
  const hash = await derive(secret, salt, COST);
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${encode(salt)}$${encode(hash)}`;
}

/** Of no secret that anybody has: compared with for unknown names, which then take as long as others. */
export const NO_HASH = `$scrypt$ln=15,r=8,p=3$${encode(new Uint8Array(16))}$${encode(new Uint8Array(LENGTH))}`;

export async function verifySecret(secret: string, encoded: string): Promise<boolean> {
  const [, ln, r, p, salt = "", hash = ""] = HASH.exec(encoded) ?? [];
  if (ln === undefined) return false;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const derived = await derive(secret, Buffer.from(salt, "base64"), cost);
  return timingSafeEqual(derived, Buffer.from(hash, "base64"));
}

async function derive(secret: string, salt: Uint8Array, { ln, r, p }: typeof COST): Promise<Buffer> {
  const N = 2 ** ln;
  const maxmem = 128 * r * (N + p + 2);
  return await scryptAsync(secret, salt, LENGTH, { N, r, p, maxmem });
}

async function scryptAsync(...args: readonly [string, Uint8Array, number, ScryptOptions]): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    scrypt(...args, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64").replaceAll("=", "");
}
