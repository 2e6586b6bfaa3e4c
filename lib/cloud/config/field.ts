import { excerptOf } from "../../auth/configuration.ts";

/** Parses a field. @throws RangeError prefixed with the field's name: `urlLifetime: must be ...` */
export function withField<T>(field: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof RangeError
      ? new RangeError(`${field}: ${error.message}`, { cause: error })
      : error;
  }
}

/** Parses a whole number in a range, both ends included. @throws RangeError */
export function parseWhole(value: unknown, min: number, max: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`must be a whole number from ${min} to ${max}, not ${excerptOf(value)}`);
}
