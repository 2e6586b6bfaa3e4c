import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `30m`, `12h` or `90d`. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const [, count, unit = ""] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const milliseconds = UNITS[unit];
  if (count !== undefined && milliseconds !== undefined) return Number(count) * milliseconds;
  throw new InvalidArgumentError("A duration is a number with m, h or d: 30m, 12h or 90d.");
}
