import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Bundle } from "./bundle.ts";

// Writes the files of a bundle into a folder: `node build.ts BUNDLE FOLDER`, the bundle in JSON. It is a program of its
// own because synthesis cannot wait, and esbuild's plugins want to be waited for.

const ROOT = join(import.meta.dirname, "../../..");
const FUNCTIONS = join(ROOT, "functions");

const [, , json = "", folder = ""] = process.argv;
const { files, shared = {}, replaced = {} }: Bundle = JSON.parse(json);

/** Each file of the asset that others refer to, by the path of its source. */
const apart: ReadonlyMap<string, string> = new Map([
  ...Object.entries(shared).map(([name, file]) => [join(ROOT, file), `./${name}.js`] as const),
  ...Object.entries(files).map(([name, file]) => [join(FUNCTIONS, file), `./${name}.js`] as const),
]);

/** Leaves out of every file what is a file of its own. */
const keepApart: Plugin = {
  name: "keep-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, kind }) => {
      const name = kind === "entry-point" ? undefined : apart.get(join(resolveDir, path));
      return name === undefined ? undefined : { path: name, external: true };
    });
  },
};

await build({
  entryPoints: Object.fromEntries([...apart].map(([path, name]) => [name.slice(2, -3), path])),
  outdir: folder,
  absWorkingDir: ROOT,
  bundle: true,
  plugins: [keepApart],
  platform: "node",
  target: "node24",
  format: "cjs",
  minify: true,
  treeShaking: true,
  // The SDK's CommonJS builds cannot be shaken.
  mainFields: ["module", "main"],
  alias: Object.fromEntries(Object.entries(replaced).map(([name, file]) => [name, join(FUNCTIONS, file)])),
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});
