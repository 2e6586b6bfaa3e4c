import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, type AssetOptions, DockerImage } from "aws-cdk-lib";
import type { AccessFile } from "../../auth/access-file/access-file.ts";

/** Folder of the functions' entry points. */
export const FUNCTIONS_FOLDER = join(import.meta.dirname, "../../../functions");

/** Contents of a function's asset. */
export interface Bundle {
  /** Source files in `functions/`, by file name in the asset; Lambda loads `index`. */
  readonly files: Readonly<Record<string, string>> & { readonly index: string };
  /** Paths, by name, of modules that several files import and that must exist only once. */
  readonly shared?: Readonly<Record<string, string>>;
  /** Replacement files in `functions/`, by the module specifier that they replace. */
  readonly replaced?: Readonly<Record<string, string>>;
  /** Additional text files by name. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Event functions receive their role's credentials in the environment. */
const ROLE_CREDENTIALS_REPLACEMENT = { "@aws-sdk/credential-provider-node": "environment-credentials.ts" };

/** Error classes, shared so that `instanceof` works across files. */
const ERROR_MODULES = { errors: "lib/oci/errors.ts", ports: "lib/ports/storage-errors.ts" };

/** Code of the event functions. Modules that only some requests need are in separate files, which a cold start does not load. */
export const API_BUNDLE: Bundle = {
  files: { index: "api.ts", s3: "s3.ts" },
  shared: ERROR_MODULES,
  replaced: ROLE_CREDENTIALS_REPLACEMENT,
};

/** Code of the web function, which can outlive the credentials in its environment. */
export const STREAM_BUNDLE: Bundle = {
  files: { index: "stream.ts", s3: "s3.ts", credentials: "credentials.ts" },
  shared: ERROR_MODULES,
};

/** Returns the bundle of the function that applies an access file during a deployment: functions/access.ts */
export function accessBundle(file: AccessFile): Bundle {
  return {
    files: { index: "access.ts" },
    replaced: ROLE_CREDENTIALS_REPLACEMENT,
    texts: { "access.json": JSON.stringify(file) },
  };
}

/** Returns the options that build an asset from a bundle. */
export function bundleAsset(bundle: Bundle): AssetOptions {
  const { files, texts = {} } = bundle;
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      local: { tryBundle: (folder) => buildBundle(bundle, folder) },
      // Makes the asset hashes of the bundles differ: all other options are the same. The command is never run.
      command: [...Object.values(files), ...Object.values(texts)],
      image: DockerImage.fromRegistry("scratch"),
    },
  };
}

/** Writes the files of a bundle into a folder. */
export function buildBundle({ texts = {}, ...code }: Bundle, folder: string): true {
  const program = join(import.meta.dirname, "build.ts");
  execFileSync(process.execPath, [program, JSON.stringify(code), folder], { stdio: "inherit" });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return true;
}
