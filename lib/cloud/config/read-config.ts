import { dirname, resolve } from "node:path";
import { readJson } from "../../auth/access-file/read-access-file.ts";
import { type DeployConfig, parseConfig } from "./parse-config.ts";

/** Reports in one line what is wrong with a file of options: `dockless.json: urlLifetime: must be ...` */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the options of a deployment from a file. The path of an access file in it counts from the folder of the file.
 * @throws ConfigError
 */
export function readConfig(path: string): DeployConfig {
  const value = reported("", () => readJson(path));
  const { access, ...rest } = reported(`${path}: `, () => parseConfig(value));
  return access === undefined ? rest : { ...rest, access: resolve(dirname(path), access) };
}

function reported<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ConfigError(`${prefix}${error.message}`, { cause: error });
  }
}
