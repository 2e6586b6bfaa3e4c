const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Parses a size such as `20MB`, `1.5 GiB` or `4096`. @returns bytes, or undefined if it is invalid */
export function readSize(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = BYTES_PER_UNIT[unit.toLowerCase() || "b"];
  const size = factor === undefined ? Number.NaN : Math.round(Number(number) * factor);
  return number !== "" && Number.isSafeInteger(size) ? size : undefined;
}

/** Parses a duration such as `90`, `90s`, `15m` or `1h`. @returns seconds, or undefined if it is invalid */
export function readDuration(text: string): number | undefined {
  const [, number, unit = "s"] = /^(\d{1,6})(s|m|h)?$/.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
}

/** Formats a number of bytes with the largest fitting decimal unit, for example `1.5 KB`. */
export function formatSize(size: number): string {
  const unit = ["GB", "MB", "KB"].find((name) => size >= (BYTES_PER_UNIT[name.toLowerCase()] ?? 0)) ?? "B";
  const value = size / (BYTES_PER_UNIT[unit.toLowerCase()] ?? 1);
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${unit}`;
}

/** Formats the rate of a transfer, for example `42 MB/s`. @param milliseconds duration; at least one counts */
export function formatRate(bytes: number, milliseconds: number): string {
  return `${formatSize(Math.round((bytes * 1000) / Math.max(milliseconds, 1)))}/s`;
}
