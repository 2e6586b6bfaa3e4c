import { InvalidArgumentError } from "commander";

const MILLISECONDS_PER_UNIT: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses a duration such as `30m`, `12h` or `90d`. @returns milliseconds @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const [, count, unit = ""] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  const milliseconds = MILLISECONDS_PER_UNIT[unit];
  if (count !== undefined && milliseconds !== undefined) return Number(count) * milliseconds;
  throw new InvalidArgumentError("Use a number with the unit m, h or d, for example 30m, 12h or 90d.");
}
