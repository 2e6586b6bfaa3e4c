import { join } from "node:path";
import { AssetHashType, type AssetOptions, DockerImage } from "aws-cdk-lib";
import { buildSync } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** Where the entries lie. */
export const FUNCTIONS = join(ROOT, "functions");

/** How an entry of `functions/` becomes an asset: one file, `index.js`, with all that it uses and nothing else. */
export function bundled(entry: string): AssetOptions {
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      local: { tryBundle: (folder) => build(join(FUNCTIONS, entry), join(folder, "index.js")) },
      // Tells the entries apart: all else of these options is the same. Nothing is run in a container.
      command: [entry],
      image: DockerImage.fromRegistry("scratch"),
    },
  };
}

function build(entry: string, outfile: string): true {
  buildSync({
    entryPoints: [entry],
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    treeShaking: true,
    // The SDK's CommonJS builds cannot be shaken.
    mainFields: ["module", "main"],
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
  });
  return true;
}
