import module from "node:module";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";

// Node versions without support for TypeScript must be able to parse this file, so that they can report that they are too old.

const MIN_NODE_MAJOR = 24;

/**
 * Loads and runs a program. Prints one line and sets the exit code to 1 when Node is too old, or when a dependency or its
 * native module is not installed.
 * @param {string} name the name of the program
 * @param {() => Promise<unknown>} load imports the program, which runs it
 */
export function start(name, load) {
  const fail = (message) => {
    process.stderr.write(`${name}: ${message}\n`);
    process.exitCode = 1;
  };
  const { node } = process.versions;
  if (Number(node.split(".")[0]) < MIN_NODE_MAJOR) {
    fail(
      `Node ${node} is too old: use Node ${MIN_NODE_MAJOR} or newer; here, \`npm ci\` installs it, unless run with --ignore-scripts or --omit=dev`,
    );
    return;
  }
  // The programs set both as well, for when they are run directly. Here they precede the first TypeScript file: cached files
  // need neither compilation nor type stripping, and the cache depends on the flags.
  setFlagsFromString("--semi-space-growth-factor=1");
  module.enableCompileCache(fileURLToPath(new URL("../node_modules/.cache/compile", import.meta.url)));
  load().catch((error) => {
    const message = describe(error);
    if (message === undefined) throw error;
    fail(message);
  });
}

/** Describes the failure to load a dependency. @returns undefined for any other error */
function describe(error) {
  const { code, message } = Object(error);
  if (code === "ERR_MODULE_NOT_FOUND" && /Cannot find package/.test(message))
    return "dependencies missing: run `npm ci`";
  const isNative =
    code === "ADDON_NOT_FOUND" || code === "ERR_DLOPEN_FAILED" || /^No native build was found/.test(message);
  if (!isNative) return undefined;
  return `native module missing for ${process.platform}-${process.arch}: run \`npm ci\` without --ignore-scripts or --omit=optional, on a platform listed in docs/platforms.md`;
}
