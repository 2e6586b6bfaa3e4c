import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Bundle } from "./bundle.ts";

// Writes the files of a bundle into a folder: `node build.ts BUNDLE FOLDER`, with the bundle in JSON. It runs as a separate
// process because synthesis is synchronous, and esbuild's plugins are asynchronous.

const ROOT = join(import.meta.dirname, "../../..");
const FUNCTIONS = join(ROOT, "functions");

const [, , json = "", folder = ""] = process.argv;
const { files, shared = {}, replaced = {} }: Bundle = JSON.parse(json);

/** Names of the asset's files that other files import, by source path. */
const separateFiles: ReadonlyMap<string, string> = new Map([
  ...Object.entries(shared).map(([name, file]) => [join(ROOT, file), `./${name}.js`] as const),
  ...Object.entries(files).map(([name, file]) => [join(FUNCTIONS, file), `./${name}.js`] as const),
]);

/** Marks imports of separate asset files as external. */
const externalizeSeparateFiles: Plugin = {
  name: "keep-apart",
  setup({ onResolve }) {
    onResolve({ filter: /^\.{1,2}\// }, ({ path, resolveDir, kind }) => {
      const name = kind === "entry-point" ? undefined : separateFiles.get(join(resolveDir, path));
      return name === undefined ? undefined : { path: name, external: true };
    });
  },
};

await build({
  entryPoints: Object.fromEntries([...separateFiles].map(([path, name]) => [name.slice(2, -3), path])),
  outdir: folder,
  absWorkingDir: ROOT,
  bundle: true,
  plugins: [externalizeSeparateFiles],
  platform: "node",
  target: "node24",
  format: "cjs",
  minify: true,
  treeShaking: true,
  // The SDK's CommonJS builds do not support tree shaking.
  mainFields: ["module", "main"],
  alias: Object.fromEntries(Object.entries(replaced).map(([name, file]) => [name, join(FUNCTIONS, file)])),
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
});
