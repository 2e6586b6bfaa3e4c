import { join } from "node:path";
import { AssetHashType, type AssetOptions, DockerImage } from "aws-cdk-lib";
import { buildSync } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** Where the entries lie. */
export const FUNCTIONS = join(ROOT, "functions");

export interface Bundle {
  /** A file in `functions/` for each file of the asset, `index` being what Lambda starts. */
  readonly files: Readonly<Record<string, string>> & { readonly index: string };
  /** Modules that a file in `functions/` stands in for. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/** The event functions. What only few requests need is a file of its own, which a cold start does not read. */
export const API_BUNDLE: Bundle = {
  files: { index: "api.ts", s3: "s3.ts" },
  replaced: { "@aws-sdk/credential-provider-node": "environment-credentials.ts" },
};

export const STREAM_BUNDLE: Bundle = { files: { index: "stream.ts" } };

/** How a bundle becomes an asset: its files with all that they use, and nothing else. */
export function bundled(bundle: Bundle): AssetOptions {
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      local: { tryBundle: (folder) => build(bundle, folder) },
      // Tells the bundles apart: all else of these options is the same. Nothing is run in a container.
      command: Object.values(bundle.files),
      image: DockerImage.fromRegistry("scratch"),
    },
  };
}

/** Writes the files of a bundle into a folder. */
export function build({ files, replaced = {} }: Bundle, folder: string): true {
  buildSync({
    entryPoints: mapped(files),
    outdir: folder,
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    treeShaking: true,
    // The SDK's CommonJS builds cannot be shaken.
    mainFields: ["module", "main"],
    alias: mapped(replaced),
    external: Object.keys(files).map((name) => `./${name}.js`),
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
  });
  return true;
}

function mapped(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, join(FUNCTIONS, file)]));
}
