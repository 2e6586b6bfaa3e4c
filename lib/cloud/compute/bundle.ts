import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, type AssetOptions, DockerImage } from "aws-cdk-lib";
import type { AccessFile } from "../../auth/access-file/access-file.ts";

/** Where the entries lie. */
export const FUNCTIONS = join(import.meta.dirname, "../../../functions");

export interface Bundle {
  /** A file in `functions/` for each file of the asset, `index` being what Lambda starts. */
  readonly files: Readonly<Record<string, string>> & { readonly index: string };
  /** What the files have in common, by name and path, and must not each have a copy of. */
  readonly shared?: Readonly<Record<string, string>>;
  /** Modules that a file in `functions/` stands in for. */
  readonly replaced?: Readonly<Record<string, string>>;
  /** What lies beside the code, by the names of files. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** Lambda hands event functions their role's credentials. */
const WITH_ROLE = { "@aws-sdk/credential-provider-node": "environment-credentials.ts" };

/** The classes of errors: one file throws what the other knows. */
const ERRORS = { errors: "lib/oci/errors.ts", ports: "lib/ports/storage-errors.ts" };

/** The event functions. What only some requests need is a file of its own, which a cold start does not read. */
export const API_BUNDLE: Bundle = {
  files: { index: "api.ts", s3: "s3.ts" },
  shared: ERRORS,
  replaced: WITH_ROLE,
};

/** The web function, which may outlive the credentials that its environment begins with. */
export const STREAM_BUNDLE: Bundle = {
  files: { index: "stream.ts", s3: "s3.ts", credentials: "credentials.ts" },
  shared: ERRORS,
};

/** What gives accounts and rules their rights during a deployment, with the file that says which: functions/access.ts */
export function accessBundle(file: AccessFile): Bundle {
  return {
    files: { index: "access.ts" },
    replaced: WITH_ROLE,
    texts: { "access.json": JSON.stringify(file) },
  };
}

/** How a bundle becomes an asset: its files with all that they use, and nothing else. */
export function bundled(bundle: Bundle): AssetOptions {
  const { files, texts = {} } = bundle;
  return {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      local: { tryBundle: (folder) => build(bundle, folder) },
      // Tells the bundles apart: all else of these options is the same. Nothing is run in a container.
      command: [...Object.values(files), ...Object.values(texts)],
      image: DockerImage.fromRegistry("scratch"),
    },
  };
}

/** Writes the files of a bundle into a folder. */
export function build({ texts = {}, ...code }: Bundle, folder: string): true {
  const program = join(import.meta.dirname, "build.ts");
  execFileSync(process.execPath, [program, JSON.stringify(code), folder], { stdio: "inherit" });
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, name), text);
  return true;
}
