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
