import { type ParseArgsConfig, type ParseArgsOptionsConfig, parseArgs } from "node:util";

type Values<O extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ readonly options: O & { readonly help: { readonly type: "boolean" } } }>
>["values"];

/**
 * What a suite's command line says. Ends the process after `--help`, and with 2 when an option is not known.
 *
 * @param usage printed for `--help`, and after what is wrong
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
    return refuse(error instanceof Error ? error.message : String(error), usage);
  }
}

/** Those of `all` that are named; all of them when none is. Ends the process when one is not known. */
export function choose<T extends string>(
  usage: string,
  all: readonly T[],
  named: readonly string[] | undefined,
): readonly T[] {
  if (named === undefined) return all;
  return named.map((text) => all.find((name) => name === text) ?? refuse(text, usage));
}

/** Ends the process. @param what is not understood */
export function refuse(what: string, usage: string): never {
  console.error(`not understood: ${what}\n${usage}`);
  process.exit(2);
}
