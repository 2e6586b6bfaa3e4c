import { isJsonObject } from "./descriptor.ts";

/**
 * Platforms with a one-byte code, which is their index in this list. Codes are stored: only append to the list. Platforms that
 * are not listed have code 0.
 */
const PLATFORMS: readonly string[] = [
  "other",
  "linux/amd64",
  "linux/arm64",
  "linux/arm/v7",
  "linux/arm/v6",
  "linux/arm/v5",
  "linux/386",
  "linux/ppc64le",
  "linux/s390x",
  "linux/riscv64",
  "linux/mips64le",
  "linux/loong64",
  "windows/amd64",
  "windows/arm64",
  "darwin/amd64",
  "darwin/arm64",
  "freebsd/amd64",
  "freebsd/arm64",
  "wasip1/wasm",
  "wasi/wasm",
];

/** Alternative spellings of platforms, each mapped to the spelling in `PLATFORMS`. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["linux/arm64/v8", "linux/arm64"],
  ["linux/arm", "linux/arm/v7"],
]);

/** Platform of a child that is not runnable, such as an attestation. */
const UNKNOWN_PLATFORM = "unknown/unknown";

/** Parses a descriptor's platform into `os/architecture/variant`. @returns undefined if it is malformed */
export function parsePlatform(value: unknown): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const { os, architecture, variant } = value;
  const parts = [os, architecture, ...(variant === undefined || variant === "" ? [] : [variant])];
  return parts.every((part) => typeof part === "string" && part !== "") ? parts.join("/") : undefined;
}

/** Returns the platform codes in ascending order, without duplicates and without platforms that are not runnable. */
export function encodePlatforms(platforms: readonly string[]): Uint8Array {
  const known = platforms.filter((platform) => platform !== UNKNOWN_PLATFORM).map(codeOf);
  return Uint8Array.from([...new Set(known)].sort((a, b) => a - b));
}

function codeOf(platform: string): number {
  const name = SYNONYMS.get(platform) ?? platform;
  return Math.max(0, PLATFORMS.indexOf(name));
}
