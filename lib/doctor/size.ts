const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Bytes in a text like `20MB`, `1.5 GiB` or `4096`; undefined when it is no size. */
export function sizeIn(text: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase() || "b"];
  const size = factor === undefined ? Number.NaN : Math.round(Number(number) * factor);
  return number !== "" && Number.isSafeInteger(size) ? size : undefined;
}

/** Seconds in a text like `90`, `90s`, `15m` or `1h`; undefined when it is no time. */
export function secondsIn(text: string): number | undefined {
  const [, number, unit = "s"] = /^(\d{1,6})(s|m|h)?$/.exec(text.trim()) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
}

export function sizeText(size: number): string {
  const unit = ["GB", "MB", "KB"].find((name) => size >= (UNITS[name.toLowerCase()] ?? 0)) ?? "B";
  const value = size / (UNITS[unit.toLowerCase()] ?? 1);
  return `${Number(value.toFixed(value < 10 ? 1 : 0))} ${unit}`;
}
