import { dirname, resolve } from "node:path";
import { readJson } from "../../auth/access-file/read-access-file.ts";
import { type DeployConfig, parseConfig } from "./parse-config.ts";

/** Error of an invalid file of options, in one line: `dockless.json: urlLifetime: must be ...` */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the options of a deployment from a file. The path of an access file in it is relative to the folder of the file.
 * @throws ConfigError
 */
export function readConfig(path: string): DeployConfig {
  const value = withConfigError("", () => readJson(path));
  const { access, ...rest } = withConfigError(`${path}: `, () => parseConfig(value));
  return access === undefined ? rest : { ...rest, access: resolve(dirname(path), access) };
}

function withConfigError<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(`${prefix}${error.message}`, { cause: error });
  }
}
