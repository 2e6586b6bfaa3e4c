import { type ParseArgsConfig, type ParseArgsOptionsConfig, parseArgs } from "node:util";

type Values<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ readonly options: O & { readonly help: { readonly type: "boolean" } } }>
>["values"];

/**
 * Parses a suite's command line. Exits with status 0 after `--help`, and with 2 for an unknown option.
 *
 * @param usage text printed for `--help` and after an error
 */
export function parseSuiteArgs<const O extends ParseArgsOptionsConfig>(
  usage: string,
  options: O,
  args: readonly string[] = process.argv.slice(2),
): Values<O> {
  try {
    const config = {
      args: [...args],
      options: { ...options, help: { type: "boolean" } },
    } as const satisfies ParseArgsConfig;
    const values = parseArgs(config).values as Values<O>;
    if ((values as { help?: boolean }).help === true) {
      console.log(usage);
      process.exit(0);
    }
    return values;
  } catch (error) {
    return exitWithUsage(error instanceof Error ? error.message : String(error), usage);
  }
}

/** Returns the named elements of `all`, or all elements if no names are given. Exits with status 2 for an unknown name. */
export function chooseNames<T extends string>(
  usage: string,
  all: readonly T[],
  named: readonly string[] | undefined,
): readonly T[] {
  if (named === undefined) return all;
  return named.map((text) => all.find((name) => name === text) ?? exitWithUsage(text, usage));
}

/** Prints an error and the usage, and exits with status 2. @param what description of the invalid argument */
export function exitWithUsage(what: string, usage: string): never {
  console.error(`invalid argument: ${what}\n${usage}`);
  process.exit(2);
}
