import { dirname, resolve } from "node:path";
import { readJson } from "../../auth/access-file/read-access-file.ts";
import { type DeployConfig, parseConfig } from "./parse-config.ts";

/** The configuration file is invalid. The message is one line: `dockless.json: urlLifetime: must be ...` */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the deployment options from a configuration file. An access file path in it is relative to the configuration file.
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
